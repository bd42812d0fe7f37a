// The answer of konekwa-media-probe: one JSON object, each fact under the name of its field in MediaFacts, absent when
// it is not known; thumbnail in base64, waveform as an array of numbers.
//
// The program has read a stranger's file and may be in their hands, so its answer is read as the stranger's.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "daemon/media_probe/inspector.h"

namespace konekwa::media_probe {

std::string write_media_facts(const MediaFacts& facts);

// PROTOCOL when it is not such an object, when it holds more than that, or when a value is out of its range.
Result<MediaFacts> read_media_facts(std::string_view text);

}  // namespace konekwa::media_probe
