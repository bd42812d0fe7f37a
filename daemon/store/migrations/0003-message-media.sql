-- Media of messages, in both directions, and inbound messages as they came.

CREATE TABLE message_media (
  message INTEGER PRIMARY KEY REFERENCES messages (sequence) ON DELETE CASCADE,
  session TEXT NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  mimetype TEXT NOT NULL,
  filename TEXT NOT NULL,
  url TEXT NOT NULL,                -- of the encrypted file, as its sender knew it
  direct_path TEXT NOT NULL,
  media_key BLOB NOT NULL,
  sha256 BLOB NOT NULL,             -- of the plain file, which is its name in the media folder
  enc_sha256 BLOB NOT NULL,
  length INTEGER NOT NULL,          -- of the plain file, in octets
  key_time INTEGER,
  stored_at INTEGER,
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  error TEXT NOT NULL,
  facts TEXT NOT NULL,              -- JSON: width, height, seconds, voice, ...
  thumbnail BLOB NOT NULL,
  waveform BLOB NOT NULL
) STRICT;
CREATE INDEX message_media_pending ON message_media (session, next_attempt_at) WHERE state = 'PENDING';
CREATE INDEX message_media_file ON message_media (sha256) WHERE state = 'STORED';
CREATE INDEX message_media_age ON message_media (stored_at) WHERE state = 'STORED';

-- The serialized Message, to be quoted in a reply, and for its secret, which opens votes and edits.
CREATE TABLE message_wire (
  message INTEGER PRIMARY KEY REFERENCES messages (sequence) ON DELETE CASCADE,
  bytes BLOB NOT NULL
) STRICT;
