// One HTTP connection of the port, until it ends or becomes a WebSocket. Bodies that are files go to the disk and come
// from it in pieces. Loop thread.
#pragma once

#include <memory>

#include "common/loop.h"
#include "daemon/sandbox/site.h"

namespace konekwa::sandbox {

class SocketStream;

// The connection owns itself. `site` is shared: connections may outlast the listener by a turn of the loop.
void start_http_connection(Loop& loop, SocketStream stream, std::shared_ptr<Site> site);

}  // namespace konekwa::sandbox
