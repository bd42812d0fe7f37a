// What holds streams: video, sound, and GIF.
#pragma once

#include <string>

#include "daemon/media_probe/inspector.h"
#include "daemon/media_probe/program/media_file.h"

namespace konekwa::media_probe {

// Fills in what the demuxer `name` finds: of a film the size, length and first picture; of sound the length and
// waveform. A video type becomes that of sound when there is no picture in it.
void read_container(const MediaFile& file, const std::string& name, MediaFacts& facts);

}  // namespace konekwa::media_probe
