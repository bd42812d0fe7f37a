// What a media file is and shows: its type, size, length, a thumbnail, the waveform of a voice note. Files come from
// strangers, so nothing of them is parsed in this process: a confined one does it, and what it says is checked too.
//
// Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/bytes.h"
#include "common/error.h"
#include "common/loop.h"

namespace konekwa::media_probe {

struct MediaFacts {                       // what could not be read is absent
  std::string mimetype;                   // by the content; "" when it was not recognised
  std::uint32_t width = 0, height = 0;    // pixels
  std::uint32_t seconds = 0;
  bool is_opus = false;                   // an ogg file with opus in it: a voice note
  bool is_animated = false;
  Bytes thumbnail;                        // JPEG, at most 8 KiB, longest edge at most 100 pixels
  Bytes waveform;                         // 64 values of 0..100; sound only
};

class MediaInspector {
 public:
  using Done = std::function<void(Result<MediaFacts>)>;   // an error costs the facts, never the message
  virtual ~MediaInspector() = default;
  virtual void inspect(const std::string& path, Done done) = 0;
};

// `program` is the path of konekwa-media-probe.
std::unique_ptr<MediaInspector> make_media_inspector(Loop& loop, std::string program);

}  // namespace konekwa::media_probe
