// What sessions need to move media. Owned by the daemon; outlives the sessions.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/worker.h"
#include "daemon/media_probe/inspector.h"
#include "daemon/net/web_client.h"
#include "daemon/store/media_files.h"

namespace konekwa::session {

struct MediaLimits {
  std::uint64_t image_and_audio = 16u << 20;         // octets; what phones take
  std::uint64_t video_and_document = 100u << 20;
  std::uint64_t inbound = 100u << 20;                // larger ones are left at WhatsApp

  std::uint64_t of(std::string_view message_type) const {
    return message_type == "image" || message_type == "audio" ? image_and_audio : video_and_document;
  }
};

struct MediaTools {
  net::WebClient& web;            // for media_url: guarded
  net::WebClient& cdn;            // for WhatsApp's media hosts, which WhatsApp names
  media_probe::MediaInspector& inspector;
  store::MediaFiles& files;
  Worker& worker;
  MediaLimits limits;
};

}  // namespace konekwa::session
