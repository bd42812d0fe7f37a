// A QR code as a picture: PNG, SVG, or text for a terminal. Pure. Error correction level L, which gives the fewest
// modules, and the quiet zone of four modules that scanners need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace konekwa::http {

struct QrMatrix {
  int width = 0;                        // modules of one side, without the quiet zone
  std::vector<bool> dark;               // row by row
  bool is_dark(int x, int y) const;     // false outside
};

Result<QrMatrix> make_qr(std::string_view text);      // INVALID_REQUEST when it is too long for a code

// The largest whole number of pixels a module that fits into `size_px`; at least one pixel.
Result<std::string> qr_png(const QrMatrix& matrix, int size_px);
std::string qr_svg(const QrMatrix& matrix, int size_px);
std::string qr_text(const QrMatrix& matrix);           // half blocks; both colours are painted, so any theme scans

}  // namespace konekwa::http
