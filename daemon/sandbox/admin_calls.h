// The handlers of the admin API that are about messages.
#pragma once

#include <string>

#include "daemon/sandbox/admin_call.h"

namespace konekwa::sandbox {

// Keeps a file for phones to send: its name, the SHA-256 in hex.
std::string keep_file(Network& network, const IncomingFile::Finished& file);

Answer say_something(Call& call);
Answer show_inbox(Call& call);
Answer show_sent(Call& call);
Answer send_media_of_inbox(Call& call);

}  // namespace konekwa::sandbox
