-- Files that clients gave us to send.

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  sha256 BLOB NOT NULL,             -- its name in the media folder
  size INTEGER NOT NULL,
  mimetype TEXT NOT NULL,           -- as the client says, or ''
  filename TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_file ON uploads (sha256, tenant);
CREATE INDEX uploads_age ON uploads (expires_at);
