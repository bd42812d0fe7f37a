// What stands on a terminal for a code: the code and how to scan it, or what it takes to see it there. Each line fits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/qr_terminal.h"
#include "common/time.h"

namespace konekwa::cli {

struct QrRequest {
  std::string session;
  std::string png, svg;                // file for a picture; neither draws the code
  bool is_ascii = false, is_inverted = false;
  std::optional<Duration> timeout;     // none: until the codes run out

  const std::string& picture() const { return png.empty() ? svg : png; }
};

struct QrDrawing {
  std::vector<std::string> lines;
  bool is_code = false;                // otherwise a few words: it does not fit
};
// By the look asked for.
QrDrawing draw_qr(const std::string& text, const Terminal& terminal, const Output& output, const QrRequest& request);

// The same and what to do with it, with room left for a line below.
std::vector<std::string> qr_page(const std::string& text, const Terminal& terminal, const Output& output,
                                 const QrRequest& request);

// What helps who cannot scan a code of characters: which of them are light is known to the terminal alone. Else "".
std::string qr_advice(const Terminal& terminal, const QrRequest& request);

}  // namespace konekwa::cli
