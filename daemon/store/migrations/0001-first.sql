-- Times are unix milliseconds, booleans 0 and 1, states the words of the API. Empty text means "not known".
-- What belongs to a session goes with it (ON DELETE CASCADE), and nothing can be written for one that is gone.

CREATE TABLE tenants (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,             -- separated by spaces
  sessions TEXT NOT NULL,           -- separated by spaces; empty: all of the tenant
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
) STRICT;

CREATE TABLE idempotent_replies (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotent_replies_age ON idempotent_replies (created_at);

CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  status_reason TEXT NOT NULL,
  phone_number TEXT NOT NULL,
  push_name TEXT NOT NULL,
  webhook_message TEXT NOT NULL,
  webhook_status TEXT NOT NULL,
  webhook_secret TEXT NOT NULL,
  endpoint_url TEXT NOT NULL,
  endpoint_root_key TEXT NOT NULL,
  endpoint_ca_file TEXT NOT NULL,
  id_was_chosen INTEGER NOT NULL,
  wants_connection INTEGER NOT NULL,
  event_sequence INTEGER NOT NULL DEFAULT 0,   -- of the last event made
  queued INTEGER NOT NULL DEFAULT 0,           -- messages in the outbox; kept by the triggers on messages
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  connected_at INTEGER,
  disconnected_at INTEGER
) STRICT;
CREATE INDEX sessions_tenant ON sessions (tenant, position);

CREATE TABLE devices (
  session TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
  jid TEXT NOT NULL,
  lid TEXT NOT NULL,
  noise_private BLOB NOT NULL,
  identity_private BLOB NOT NULL,
  registration_id INTEGER NOT NULL,
  signed_prekey_id INTEGER NOT NULL,
  signed_prekey_private BLOB NOT NULL,
  signed_prekey_signature BLOB NOT NULL,
  adv_secret BLOB NOT NULL,
  account BLOB NOT NULL,
  next_prekey_id INTEGER NOT NULL,
  platform TEXT NOT NULL,
  business_name TEXT NOT NULL,
  routing_info BLOB NOT NULL
) STRICT;

-- The key comes before the kind, so that all rows of one user are one range.
CREATE TABLE signal_rows (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  kind INTEGER NOT NULL,
  value BLOB NOT NULL,
  UNIQUE (session, key, kind)
) STRICT;

CREATE TABLE lids (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  lid TEXT NOT NULL,
  pn TEXT NOT NULL,
  PRIMARY KEY (session, lid),
  UNIQUE (session, pn)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_lists (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  user TEXT NOT NULL,
  device_ids BLOB NOT NULL,         -- two octets each, big-endian
  fetched_at INTEGER NOT NULL,
  PRIMARY KEY (session, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE privacy_tokens (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  user TEXT NOT NULL,
  token BLOB NOT NULL,
  received_at INTEGER,
  issued_at INTEGER,
  PRIMARY KEY (session, user)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a sequence is never given twice, not even after its row is gone.
CREATE TABLE messages (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  outbound INTEGER NOT NULL,
  state TEXT NOT NULL,
  recipient TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  sender_lid TEXT NOT NULL,
  sender_name TEXT NOT NULL,
  message_type TEXT NOT NULL,
  content TEXT NOT NULL,
  wa_message_id TEXT NOT NULL,
  client_reference TEXT NOT NULL,
  source TEXT NOT NULL,
  offline INTEGER NOT NULL,
  inactive_receipt INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  error_details TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  failed_at INTEGER
) STRICT;
CREATE INDEX messages_outbox ON messages (session, sequence) WHERE outbound = 1 AND state IN ('QUEUED', 'SENDING');
CREATE INDEX messages_wa_id ON messages (session, wa_message_id, outbound);
-- Lists and their exact counts are answered from these two without touching a row.
CREATE INDEX messages_of_session ON messages (session, sequence, outbound, message_type, created_at, tenant);
CREATE INDEX messages_of_tenant ON messages (tenant, sequence, outbound, message_type, created_at, session);

-- The outbox is counted as it changes: every accepted message asks how long it is.
CREATE TRIGGER messages_enter_outbox AFTER INSERT ON messages
  WHEN new.outbound = 1 AND new.state IN ('QUEUED', 'SENDING')
BEGIN
  UPDATE sessions SET queued = queued + 1 WHERE id = new.session;
END;
CREATE TRIGGER messages_change_in_outbox AFTER UPDATE OF state ON messages
  WHEN new.outbound = 1 AND (new.state IN ('QUEUED', 'SENDING')) <> (old.state IN ('QUEUED', 'SENDING'))
BEGIN
  UPDATE sessions SET queued = queued + iif(new.state IN ('QUEUED', 'SENDING'), 1, -1) WHERE id = new.session;
END;
CREATE TRIGGER messages_leave_outbox AFTER DELETE ON messages
  WHEN old.outbound = 1 AND old.state IN ('QUEUED', 'SENDING')
BEGIN
  UPDATE sessions SET queued = queued - 1 WHERE id = old.session;
END;

CREATE TABLE seen (
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  chat TEXT NOT NULL,
  sender TEXT NOT NULL,
  wa_message_id TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (session, chat, sender, wa_message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  event_type TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (session, sequence)
) STRICT;

CREATE TABLE deliveries (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  event_id TEXT NOT NULL,
  session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  event_type TEXT NOT NULL,
  target TEXT NOT NULL,
  url TEXT NOT NULL,
  lane TEXT NOT NULL,
  state TEXT NOT NULL,
  is_behind INTEGER NOT NULL,       -- an older delivery of its lane has to be settled first
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  last_attempt_at INTEGER,
  expires_at INTEGER,
  http_status INTEGER,
  error TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_session ON deliveries (session, state);
-- Who holds a lane, and who is next in it.
CREATE INDEX deliveries_lane ON deliveries (lane, position)
  WHERE state IN ('QUEUED', 'RETRYING') AND attempts < 3;
-- What may go, URL by URL: a URL with a long queue costs the others nothing.
CREATE INDEX deliveries_url ON deliveries (url, next_attempt_at, position)
  WHERE state IN ('QUEUED', 'RETRYING') AND is_behind = 0;
CREATE INDEX deliveries_due ON deliveries (next_attempt_at)
  WHERE state IN ('QUEUED', 'RETRYING') AND is_behind = 0;
