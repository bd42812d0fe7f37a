-- Groups as WhatsApp described them last, who holds our sender key in each, and who has received what was sent to one.

CREATE TABLE groups (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  jid TEXT NOT NULL,
  subject TEXT NOT NULL,
  description TEXT NOT NULL,
  description_id TEXT NOT NULL,
  owner TEXT NOT NULL,              -- Jid text, as the group names people; or ""
  owner_alternate TEXT NOT NULL,    -- the other address of the same account, or ""
  community TEXT NOT NULL,          -- the group's parent, or ""
  flags TEXT NOT NULL,              -- words, separated by spaces
  ephemeral_s INTEGER NOT NULL,
  size INTEGER NOT NULL,
  created_at INTEGER,
  subject_at INTEGER,
  fetched_at INTEGER,               -- NULL: has to be asked for again
  PRIMARY KEY (session, jid)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_members (
  session TEXT NOT NULL,
  "group" TEXT NOT NULL,
  position INTEGER NOT NULL,
  jid TEXT NOT NULL,
  alternate TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (session, "group", position),
  FOREIGN KEY (session, "group") REFERENCES groups (session, jid) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Devices that can read what our present sender key of a group encrypts.
CREATE TABLE sender_key_holders (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  "group" TEXT NOT NULL,
  device TEXT NOT NULL,
  PRIMARY KEY (session, "group", device)
) STRICT, WITHOUT ROWID;

-- How many people a message to a group was for, and how many of them have it; who, stands in message_receipts.
ALTER TABLE messages ADD COLUMN audience INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN receipts_delivered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN receipts_read INTEGER NOT NULL DEFAULT 0;

CREATE TABLE message_receipts (
  message INTEGER NOT NULL REFERENCES messages (sequence) ON DELETE CASCADE,
  reader TEXT NOT NULL,
  delivered_at INTEGER,
  read_at INTEGER,
  PRIMARY KEY (message, reader)
) STRICT, WITHOUT ROWID;
