// How a connection ended, and what follows: <failure>, <stream:error> and plain network failures by one table.
#pragma once

#include <optional>
#include <string>

#include "common/error.h"
#include "common/time.h"
#include "daemon/store/sessions.h"
#include "daemon/wa/node.h"

namespace konekwa::session {

struct Ending {
  enum class Next {
    Reconnect,        // with backoff
    ReconnectNow,     // expected: 515 after pairing
    RefreshVersion,   // then reconnect; CLIENT_OUTDATED when that does not help
    Wait,             // reconnect after `wait`
    Stop              // until a person acts
  };
  Next next = Next::Reconnect;
  store::SessionStatus status = store::SessionStatus::DISCONNECTED;
  std::string reason = "NETWORK";
  int wa_code = 0;
  Duration wait{0};
  std::optional<Duration> banned_for;   // as WhatsApp says it
  int backoff_steps = 0;      // extra steps, when the server asks for patience
  std::string text;           // for the log
};

Ending ending_of_failure(const wa::Node& failure);
Ending ending_of_stream_error(const wa::Node& error);
Ending ending_of_error(const Error& error);

}  // namespace konekwa::session
