// Outbound HTTP of the daemon: libcurl multi on one thread. The guard against server-side request forgery sits at
// connect time: only global unicast addresses are dialled, unless the host was allowed by --allow-url-hosts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/loop.h"

namespace konekwa::net {

struct WebRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Duration timeout = seconds(10);
  std::size_t response_bytes_max = 64 * 1024;
  bool follow_redirects = false;
  std::string ca_file;                    // PEM; empty: the system's authorities
  // As common/proxy_url.h reads it; empty: dialled directly. The proxy resolves the host and dials it, out of sight of
  // the guard. So the proxy is dialled wherever it is, since whoever set it is trusted with that; of the URL itself a
  // host that is written as an address which is not public, or is localhost, is refused unless it was allowed. Which
  // addresses a name leads to is the proxy's to judge.
  std::string proxy_url{};
  // Files as bodies, streamed. With one of them the exchange also ends, as a TIMEOUT, when it moves less than 1 KiB/s
  // for 20 s.
  std::string upload_path{};              // sent in place of `body`; not after a redirect that turns to GET
  // The body of a 2xx answer goes to this new file (0600), which is there only when it is whole: never after an error,
  // nor after another status, whose body is in WebResponse::body.
  std::string download_path{};
  std::uint64_t download_bytes_max = 0;   // a larger file is PAYLOAD_TOO_LARGE, "larger than N bytes"
};

struct WebResponse {
  int status = 0;
  std::string body;                       // at most response_bytes_max, the rest is dropped
  std::optional<Duration> retry_after;    // from Retry-After in seconds
  std::string content_type{};             // as the server says, "" when it does not
  std::uint64_t downloaded = 0;           // octets in download_path
  std::string final_url{};                // of the exchange that answered, after redirects
};

class WebClient {
 public:
  // NETWORK, PROXY_ERROR or TIMEOUT, and STORAGE_UNAVAILABLE for the files of a request; details say what failed.
  using Done = std::function<void(Result<WebResponse>)>;
  virtual ~WebClient() = default;
  // Loop thread. `done` is posted to the loop. Destroying the client drops what is under way, without calling done; a
  // download that was whole by then leaves its file.
  virtual void fetch(WebRequest request, Done done) = 0;
};

// `allowed_hosts`: names, addresses or CIDRs that may be dialled although they are not public, on any port.
std::unique_ptr<WebClient> make_web_client(Loop& loop, std::vector<std::string> allowed_hosts);

// Is this a URL that we would try? http or https, a host, no credentials hidden in odd places. The reason, or "".
std::string url_problem(const std::string& url);

}  // namespace konekwa::net
