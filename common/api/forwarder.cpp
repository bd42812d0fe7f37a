#include "common/api/forwarder.h"

#include <httplib.h>

namespace konekwa::api {
namespace {

std::string reason_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection: return "nobody answers there";
    case httplib::Error::Read: return "no whole answer came";
    case httplib::Error::Write: return "the connection was lost";
    default: return httplib::to_string(error);
  }
}

}  // namespace

class Forwarder::Impl {
 public:
  Impl(const Url& url, Duration timeout) : path(url.path.empty() ? "/" : url.path), client(origin(url)) {
    client.set_connection_timeout(timeout);
    client.set_read_timeout(timeout);
    client.set_write_timeout(timeout);
    client.set_keep_alive(true);
  }

  static std::string origin(Url url) {
    url.path.clear();
    return url.text();
  }

  const std::string path;
  httplib::Client client;
};

Forwarder::Forwarder(Url url, Duration timeout) : impl_(std::make_unique<Impl>(url, timeout)) {}
Forwarder::~Forwarder() = default;

Outcome<int> Forwarder::post(const std::string& body, const Headers& headers) {
  const httplib::Result result =
      impl_->client.Post(impl_->path, httplib::Headers(headers.begin(), headers.end()), body, "application/json");
  if (!result) return failed(ErrorCode::UNREACHABLE, reason_of(result.error()));
  return result->status;
}

}  // namespace konekwa::api
