-- The timer of disappearing messages of each chat with a person, as it was last told. Those of groups are in groups.

CREATE TABLE chat_timers (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  chat TEXT NOT NULL,               -- Jid text
  seconds INTEGER NOT NULL,         -- 0: messages stay
  set_at INTEGER NOT NULL,          -- unix seconds, as whoever set it says; 0: not told
  PRIMARY KEY (session, chat)
) STRICT, WITHOUT ROWID;
