-- What the whole API needs: templates, tenants with a state, rotation of keys and secrets, scheduled and cancelled
-- messages, settings of a session, and replays.

ALTER TABLE tenants ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN suspended_at INTEGER;

ALTER TABLE tokens ADD COLUMN last_used_ip TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN previous_hash BLOB;         -- of the key before the last rotation
ALTER TABLE tokens ADD COLUMN previous_until INTEGER;     -- how long that one still counts
CREATE UNIQUE INDEX tokens_previous ON tokens (previous_hash) WHERE previous_hash IS NOT NULL;

CREATE TABLE templates (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  content TEXT NOT NULL,
  message_type TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX templates_of_tenant ON templates (tenant, position);

ALTER TABLE sessions ADD COLUMN proxy_url TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN auto_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN auto_typing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN webhook_secret_previous TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN webhook_secret_previous_until INTEGER;

ALTER TABLE messages ADD COLUMN fields TEXT NOT NULL DEFAULT '';   -- JSON: what this type has beside its content
ALTER TABLE messages ADD COLUMN template_id TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN scheduled_at INTEGER;
ALTER TABLE messages ADD COLUMN cancelled_at INTEGER;
CREATE INDEX messages_scheduled ON messages (scheduled_at) WHERE state = 'SCHEDULED';
CREATE INDEX messages_expiring ON messages (expires_at)
  WHERE outbound = 1 AND state IN ('SCHEDULED', 'QUEUED', 'SENDING');

-- What is scheduled waits too, and takes room.
DROP TRIGGER messages_enter_outbox;
DROP TRIGGER messages_change_in_outbox;
DROP TRIGGER messages_leave_outbox;
CREATE TRIGGER messages_begin_to_wait AFTER INSERT ON messages
  WHEN new.outbound = 1 AND new.state IN ('SCHEDULED', 'QUEUED', 'SENDING')
BEGIN
  UPDATE sessions SET queued = queued + 1 WHERE id = new.session;
END;
CREATE TRIGGER messages_go_on_waiting AFTER UPDATE OF state ON messages
  WHEN new.outbound = 1
   AND (new.state IN ('SCHEDULED', 'QUEUED', 'SENDING')) <> (old.state IN ('SCHEDULED', 'QUEUED', 'SENDING'))
BEGIN
  UPDATE sessions SET queued = queued + iif(new.state IN ('SCHEDULED', 'QUEUED', 'SENDING'), 1, -1)
    WHERE id = new.session;
END;
CREATE TRIGGER messages_wait_no_more AFTER DELETE ON messages
  WHEN old.outbound = 1 AND old.state IN ('SCHEDULED', 'QUEUED', 'SENDING')
BEGIN
  UPDATE sessions SET queued = queued - 1 WHERE id = old.session;
END;

ALTER TABLE deliveries ADD COLUMN replays INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_failed ON deliveries (position)
  WHERE state = 'DEAD' OR (state = 'RETRYING' AND attempts >= 3);
CREATE INDEX events_of_tenant ON events (tenant, position);
