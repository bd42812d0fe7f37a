// libav's decoders as this program opens them: only known ones, on one thread, within the limit of pixels.
#pragma once

#include <string>

#include "daemon/media_probe/program/av_pointers.h"

struct AVCodecParameters;
struct AVDictionary;

namespace konekwa::media_probe {

inline constexpr std::int64_t kPixelsMax = 100'000'000;
extern const char* const kKnownCodecs;   // a list for libav

// Null when it is not a known one, or cannot be opened.
AvPtr<AVCodecContext> open_decoder(const char* name);
AvPtr<AVCodecContext> open_decoder(const AVCodecParameters& parameters);

}  // namespace konekwa::media_probe
