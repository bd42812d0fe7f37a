// A small JPEG of a decoded picture.
#pragma once

#include "common/bytes.h"

struct AVFrame;

namespace konekwa::media_probe {

// How a picture is to be turned, as EXIF counts (1: not at all; 6: a quarter clockwise; ...). Others count as 1.
using Orientation = int;
inline bool swaps_edges(Orientation orientation) { return orientation >= 5 && orientation <= 8; }

// Upright, on white where it is transparent, within kThumbnailEdgeMax and kThumbnailOctetsMax. Empty when that cannot
// be done.
Bytes make_thumbnail(const AVFrame& picture, Orientation orientation);

}  // namespace konekwa::media_probe
