// URLs that users give us, the hosts in them, and the page on which WhatsApp says which version is present.
// links: konekwa_session konekwa_net
#include "common/bytes.h"
#include "daemon/net/address_policy.h"
#include "daemon/net/web_client.h"
#include "daemon/net/web_url.h"
#include "daemon/session/version_keeper.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = to_string(ByteView(data, size));
  const auto url = net::parse_web_url(text);
  KONEKWA_ASSERT(url || !net::url_problem(text).empty());
  if (url) {
    KONEKWA_ASSERT(!url->host.empty() && url->port != 0);
    // An address that is not public is none of our business, however it is written.
    const auto address = net::parse_address(url->host);
    if (address && !net::is_public(*address)) KONEKWA_ASSERT(!net::ask_problem({}, url->host, url->port).empty());
  }
  (void)net::ask_problem(net::AllowList({text}), text, 443);
  (void)session::version_in_page(text);
  return 0;
}
