// Media of messages: for an inbound one what has to be fetched and opened, for an outbound one what was uploaded. The
// plain file, once it is here, is in MediaFiles under its sha256.
//
//   inbound    PENDING -> STORED | FAILED; STORED -> EXPIRED when its file is taken away
//   outbound   STORED once it is uploaded; no row before
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

enum class MediaState : std::uint8_t { PENDING, STORED, FAILED, EXPIRED };
std::string_view to_string(MediaState state);

struct MessageMediaRow {
  std::int64_t message = 0;             // messages.sequence
  std::string session;
  MediaState state = MediaState::PENDING;
  std::string kind;                     // wa::MediaKind as text
  std::string mimetype;
  std::string filename;                 // of documents, or ""
  std::string url, direct_path;         // of the encrypted file
  Bytes media_key, sha256, enc_sha256;
  std::int64_t length = 0;              // of the plain file; inbound: as its sender says
  std::optional<Time> key_time, stored_at;
  int attempts = 0;
  Time next_attempt_at{};
  std::string error;                    // why the last attempt failed
  std::string facts;                    // JSON object: width, height, seconds, voice, ...
  Bytes thumbnail, waveform;
};

namespace message_media {

void put(Database& db, const MessageMediaRow& row);                      // inserts or replaces
// Of an outbound message: also says in the message what the file is.
void put_uploaded(Database& db, const MessageMediaRow& row);
std::optional<MessageMediaRow> find(Database& db, std::int64_t message);
// PENDING rows of a session whose next attempt is due, the longest due first.
std::vector<MessageMediaRow> due(Database& db, const std::string& session, Time now, int limit);
std::optional<Time> next_due_at(Database& db, const std::string& session);
// Of a PENDING row. `sha256` and `length` are what was found.
void set_stored(Database& db, std::int64_t message, ByteView sha256, std::int64_t length, Time now);
void set_failed(Database& db, std::int64_t message, const std::string& error);
void postpone(Database& db, std::int64_t message, const std::string& error, Time next_attempt_at);
void set_direct_path(Database& db, std::int64_t message, const std::string& direct_path, Time now);   // due at once

// What retention may take: files of rows stored before `before`, oldest first. Each becomes EXPIRED.
struct Expired {
  Bytes sha256;
  bool is_unused = false;               // no other STORED row has this file
};
std::vector<Expired> expire(Database& db, Time before, int limit);
bool uses_file(Database& db, ByteView sha256);

}  // namespace message_media

namespace message_wire {

void put(Database& db, std::int64_t message, ByteView bytes);
std::optional<Bytes> find(Database& db, std::int64_t message);

}  // namespace message_wire
}  // namespace konekwa::store
