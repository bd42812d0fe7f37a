// The QR code of a session, followed until the phone has linked it. On a terminal it is redrawn when the code rotates,
// with a countdown, and gone from the screen as soon as it is dead, since a stale code still scans and then fails.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/qr_source.h"
#include "cli/qr_terminal.h"

namespace konekwa::cli {

struct QrRequest {
  std::string session;
  std::string png, svg;                // file for a picture; neither draws the code
  bool is_ascii = false, is_inverted = false;
  std::optional<Duration> timeout;     // none: until the codes run out

  const std::string& picture() const { return png.empty() ? svg : png; }
};

// What `qr` does: follows on a terminal; elsewhere, and with --json or -q, one code and done.
api::Outcome<> show_qr(Context& context, const QrRequest& request);

// Until it is linked. TIMEOUT when the codes ran out, CANCELLED on Ctrl-C. The codes are drawn on stdout where a person
// reads it, otherwise on stderr. Where that is no screen, or one that cannot be changed, they stand one below the other.
api::Outcome<> follow_qr(Context& context, QrSource& source, const QrRequest& request);

// Lines of the code for the terminal, by the look asked for; a few words instead where it does not fit.
std::vector<std::string> qr_lines(const std::string& text, const Terminal& terminal, const Output& output,
                                  const QrRequest& request);

// What helps who cannot scan a code of characters: which of them are light is known to the terminal alone. Else "".
std::string qr_advice(const Terminal& terminal, const QrRequest& request);

// The picture that is asked for, of the code with this text.
api::Outcome<std::string> picture_of(QrSource& source, const std::string& text, const QrRequest& request);

}  // namespace konekwa::cli
