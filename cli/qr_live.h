// The QR code of a session on a terminal, followed until the phone has linked it: redrawn when the code rotates, with
// a countdown, and gone from the screen as soon as it is dead, since a stale code still scans and then fails.
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
  std::string png;                     // file for a picture; "" draws on the terminal
  bool is_ascii = false, is_inverted = false;
  std::optional<Duration> timeout;     // none: until the codes run out
};

// Follows on a terminal; elsewhere, and with --json or -q, one code and done.
api::Outcome<> show_qr(Context& context, const QrRequest& request);

// Linked: prints the number. TIMEOUT when the codes ran out, CANCELLED on Ctrl-C.
api::Outcome<> follow_qr(Context& context, QrSource& source, const QrRequest& request);

// Lines of the code for this terminal, by the look asked for; a few words instead where it does not fit.
std::vector<std::string> qr_lines(const std::string& text, const Terminal& terminal, const QrRequest& request);

api::Outcome<> write_picture(QrSource& source, const std::string& path);   // replaces the file as a whole

}  // namespace konekwa::cli
