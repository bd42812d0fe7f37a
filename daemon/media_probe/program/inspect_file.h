// Everything this program finds out about a file. Parses what a stranger made: only in a confined process.
#pragma once

#include "daemon/media_probe/inspector.h"
#include "daemon/media_probe/program/media_file.h"

namespace konekwa::media_probe {

MediaFacts inspect_file(const MediaFile& file);   // what it cannot read it leaves out

}  // namespace konekwa::media_probe
