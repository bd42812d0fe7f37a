// The QR code of a session, followed until the phone has linked it. On a terminal it is redrawn when the code rotates,
// with a countdown, and gone from the screen as soon as it is dead, since a stale code still scans and then fails.
#pragma once

#include <functional>
#include <string>

#include "cli/command.h"
#include "cli/qr_page.h"
#include "cli/qr_source.h"

namespace konekwa::cli {

// What `qr` does: follows on a terminal; elsewhere, and with --json or -q, one code and done.
api::Outcome<> show_qr(Context& context, const QrRequest& request);

// Until it is linked: the source, which is opened first. TIMEOUT when the codes ran out, CANCELLED on Ctrl-C. The codes
// are drawn on stdout where a person reads it, otherwise on stderr. Where that is no screen, or one that cannot be
// changed, they stand one below the other. `open` runs on a thread of its own, and may use the client alone.
using OpenQr = std::function<api::Outcome<QrSource>()>;
api::Outcome<QrSource> follow_qr(Context& context, const OpenQr& open, const QrRequest& request);

// The picture that is asked for, of the code with this text.
api::Outcome<std::string> picture_of(QrSource& source, const std::string& text, const QrRequest& request);

}  // namespace konekwa::cli
