// What konekwa-media-probe may say of a file, and for how long it may look. The program keeps to the first, konekwad
// checks it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/time.h"

namespace konekwa::media_probe {

inline constexpr std::size_t kAnswerOctetsMax = 64 * 1024;
inline constexpr std::size_t kThumbnailOctetsMax = 8 * 1024;
inline constexpr int kThumbnailEdgeMax = 100;            // pixels
inline constexpr std::size_t kWaveformValues = 64;
inline constexpr int kWaveformValueMax = 100;
inline constexpr std::uint32_t kEdgeMax = 65'535;        // pixels: what JPEG and GIF can say
inline constexpr std::uint32_t kSecondsMax = 30 * 24 * 3600;
inline constexpr std::size_t kMimetypeOctetsMax = 127;

inline constexpr Duration kTimeMax = seconds(15);        // by the clock; the program limits its own CPU time to less

}  // namespace konekwa::media_probe
