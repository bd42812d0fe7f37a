// Files at WhatsApp's CDN: how they are encrypted, where they are put and fetched, and how a phone is asked to put one
// there again. A message carries the key and the hashes, the CDN has the octets and knows nothing of what is in them.
//
// Wire facts: the file format and the addresses as WhatsApp Web has them; see README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.h"
#include "common/error.h"
#include "common/random.h"
#include "common/time.h"
#include "daemon/wa/node.h"

namespace konekwa::wa {

enum class MediaKind : std::uint8_t { Image, Video, Audio, Document, Sticker };
std::string_view to_string(MediaKind kind);                       // "image", ...
std::optional<MediaKind> media_kind_from(std::string_view text);

// An encrypted file at WhatsApp's CDN, and what opens it: what a message carries of it.
struct MediaFile {
  MediaKind kind = MediaKind::Document;
  std::string mimetype;
  std::string url, direct_path;        // of the upload's answer; downloads use direct_path only
  Bytes media_key;                     // 32 octets; empty: the file is not encrypted (channels)
  Bytes sha256, enc_sha256;            // of the plain file; of ciphertext and MAC
  std::uint64_t length = 0;            // plain, as the sender says: a hint, never checked
  std::optional<Time> key_time;        // when the key was made (seconds on the wire)
};

// --- The file format. Both directions stream in blocks of 64 KiB, block for the disk, and run on any thread.

struct EncryptedFile {
  Bytes media_key, sha256, enc_sha256;
  std::uint64_t length = 0, encrypted_length = 0;
};
// Makes `encrypted_path`, which must not exist yet, with mode 0600. `media_key`: 32 octets, or empty for one by chance.
// ENCRYPTION_FAILED for a key of another length, STORAGE_UNAVAILABLE for the disk; then there is no file.
Result<EncryptedFile> encrypt_file(const std::string& plain_path, const std::string& encrypted_path, MediaKind kind,
                                   ByteView media_key);

// Makes `plain_path`, which must not exist yet, and keeps it only when enc_sha256 (unless empty), MAC, padding and
// sha256 (unless empty) are right. Returns the plain length. PROTOCOL says which of them was wrong.
Result<std::uint64_t> decrypt_file(const std::string& encrypted_path, const std::string& plain_path,
                                   const MediaFile& file);

// --- Where files are put and fetched.

struct MediaHost {
  std::string hostname;                // may have a port (sandboxes)
  bool can_download = true, can_upload = true;
};
struct MediaConnection {
  std::string auth;                    // a secret: opens uploads
  std::vector<MediaHost> hosts;        // in the order to try them; never empty
  Duration ttl{}, auth_ttl{};          // from the answer on
};
Node media_conn_iq(const std::string& id);
// SERVER_REJECTED for an error of the server, else PROTOCOL. Hosts whose name is not one are left out.
Result<MediaConnection> parse_media_conn(const Node& answer);

// `base_and_host`: "https://" and the hostname; "http://host:port" for a sandbox without TLS.
std::string upload_url(const std::string& base_and_host, MediaKind kind, ByteView enc_sha256, const std::string& auth);
// Is it a path that stays on the host it is asked of? They come from peers.
bool is_direct_path(std::string_view text);
// "" when direct_path is not one.
std::string download_url(const std::string& base_and_host, const MediaFile& file);

struct Uploaded {
  std::string url, direct_path;        // both are there, and direct_path is one
};
Result<Uploaded> parse_upload_answer(const std::string& json);

// --- Media retry: the CDN has forgotten a file, and the phone is asked to put it there again.

// To our own phone, by way of the server. `chat` and `participant` (the author, in groups) as the message's stanza had
// them.
Node media_retry_receipt(const std::string& message_id, const Jid& own, const Jid& chat, bool from_me,
                         const std::optional<Jid>& participant, ByteView media_key, Random& random);

struct MediaRetryAnswer {
  std::string message_id;
  std::string direct_path;             // is one; key and hashes are those of the message
};
std::optional<std::string> media_retry_id(const Node& notification);   // of the message; nothing: it is no such answer
// NOT_FOUND: the phone does not have the file. MEDIA_DOWNLOAD_FAILED: it could not put it there. PROTOCOL: damaged.
Result<MediaRetryAnswer> parse_media_retry(const Node& notification, ByteView media_key);

// The phone's side of it.
struct MediaRetryRequest {
  std::string message_id;
  Jid chat;
  bool from_me = false;
  std::optional<Jid> participant;
};
std::optional<MediaRetryRequest> parse_media_retry_receipt(const Node& receipt);
Result<std::string> open_media_retry_receipt(const Node& receipt, ByteView media_key);   // the message's id inside

enum class MediaRetryResult : std::uint8_t { GeneralError = 0, Success = 1, NotFound = 2, DecryptionError = 3 };
// `phone`: the device that answers. `direct_path` goes with Success only.
Node media_retry_notification(const MediaRetryRequest& request, const Jid& phone, MediaRetryResult result,
                              const std::string& direct_path, ByteView media_key, Random& random);
Node media_retry_refusal(const MediaRetryRequest& request, const Jid& phone, MediaRetryResult result);   // unsealed

}  // namespace konekwa::wa
