// A picture that is one packet: JPEG, PNG, WebP.
#pragma once

#include <string>

#include "daemon/media_probe/inspector.h"
#include "daemon/media_probe/program/media_file.h"

namespace konekwa::media_probe {

// Fills in width, height and thumbnail, as far as the decoder `name` can read them.
void read_still(const MediaFile& file, const std::string& name, MediaFacts& facts);

}  // namespace konekwa::media_probe
