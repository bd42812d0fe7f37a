// Files at WhatsApp's CDN: their kinds, and what a message carries of one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.h"
#include "common/time.h"

namespace konekwa::wa {

enum class MediaKind : std::uint8_t { Image, Video, Audio, Document, Sticker };
std::string_view to_string(MediaKind kind);                       // "image", "video", ...
std::optional<MediaKind> media_kind_from(std::string_view text);

// An encrypted file at WhatsApp's CDN, and what opens it: what a message carries of it.
struct MediaFile {
  MediaKind kind = MediaKind::Document;
  std::string mimetype;
  std::string url, direct_path;        // of the upload's answer; downloads use direct_path only
  Bytes media_key;                     // 32 octets; empty: the file is not encrypted (channels)
  Bytes sha256, enc_sha256;            // of the plain file; of ciphertext and MAC
  std::uint64_t length = 0;            // plain
  std::optional<Time> key_time;        // when the key was made (seconds on the wire)
};

}  // namespace konekwa::wa
