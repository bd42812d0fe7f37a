// The WhatsApp Web version that we say we are. A setting at first; when the server answers that it is outdated, the
// present one is read from the network's own web client (sw.js, as browsers load it) and kept for the next start.
#pragma once

#include <functional>
#include <vector>

#include "common/alive.h"
#include "common/loop.h"
#include "daemon/net/web_client.h"
#include "daemon/store/store.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/endpoint.h"

namespace konekwa::session {

class VersionKeeper {
 public:
  VersionKeeper(Loop& loop, net::WebClient& web, store::DbWriter& writer, store::Readers& readers,
                wa::Version configured);

  wa::Version present() const { return present_; }
  // True when a newer version than `refused` is now in use. Concurrent calls share one request.
  void refresh(const wa::Endpoint& endpoint, const wa::Version& refused, std::function<void(bool)> done);

 private:
  void finish(Result<net::WebResponse> response);

  Loop& loop_;
  net::WebClient& web_;
  store::DbWriter& writer_;
  wa::Version present_;
  std::vector<std::pair<wa::Version, std::function<void(bool)>>> waiting_;
  Alive alive_;
};

// The version in a sw.js: "client_revision":1045649367 (the quotes may be escaped).
std::optional<wa::Version> version_in_page(std::string_view page);
// https://host[:port]/sw.js for wss://, http:// for ws://.
std::string version_page_url(const wa::Endpoint& endpoint);

}  // namespace konekwa::session
