-- What webhooks of a session want beside their URLs, and what came of the last attempt of a delivery.

CREATE TABLE webhook_settings (
  session TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
  events TEXT NOT NULL DEFAULT '[]',         -- JSON list: event types and patterns; empty: the usual ones
  ignore_chats TEXT NOT NULL DEFAULT '[]',   -- JSON list: chats and words for kinds of them
  headers TEXT NOT NULL DEFAULT '{}',        -- JSON object: sent with each delivery
  message_gone_at INTEGER,                   -- the receiver answered 410: nothing is sent until it is set anew
  status_gone_at INTEGER
) STRICT, WITHOUT ROWID;

ALTER TABLE deliveries ADD COLUMN latency_ms INTEGER;               -- of the last attempt, to the end of its answer
ALTER TABLE deliveries ADD COLUMN response TEXT NOT NULL DEFAULT '';   -- the beginning of that answer

-- The last success and the last failure of a session, and the log of its deliveries.
DROP INDEX deliveries_session;
CREATE INDEX deliveries_session ON deliveries (session, state, last_attempt_at);
CREATE INDEX deliveries_of_session ON deliveries (session, position);
-- An event goes with the last of its deliveries.
CREATE INDEX deliveries_of_event ON deliveries (event_id);
