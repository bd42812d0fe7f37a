#include "daemon/session/media_hosts.h"

namespace konekwa::session {
namespace {

constexpr Duration kTransferTimeout = minutes(10);
constexpr Duration kLifetimeMin = minutes(1);

}  // namespace

void MediaHosts::get(Done done) {
  if (known_ && link_.now() < valid_until_) return done(*known_);
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  link_.iq.request(wa::media_conn_iq(link_.iq.next_id()),
                   alive_.guard([this](const Result<wa::Node>& answer) { take(answer); }));
}

void MediaHosts::take(const Result<wa::Node>& answer) {
  auto connection = answer ? wa::parse_media_conn(*answer) : Result<wa::MediaConnection>(fail(answer.error()));
  Result<Hosts> hosts;
  if (connection) {
    // The simulated network speaks plain HTTP beside its plain WebSocket.
    const std::string scheme = endpoint_.url.starts_with("ws://") ? "http://" : "https://";
    hosts->auth = connection->auth;
    for (const wa::MediaHost& host : connection->hosts) {
      if (host.can_upload) hosts->upload.push_back(scheme + host.hostname);
      if (host.can_download) hosts->download.push_back(scheme + host.hostname);
    }
    known_ = *hosts;
    valid_until_ = link_.now() + std::max(std::min(connection->ttl, connection->auth_ttl), kLifetimeMin);
  } else {
    hosts = fail(connection.error());
  }
  for (const Done& done : std::exchange(waiting_, {})) done(hosts);
}

net::WebRequest MediaHosts::request(std::string method, std::string url) const {
  net::WebRequest out;
  out.method = std::move(method);
  out.url = std::move(url);
  out.headers = {{"Origin", "https://web.whatsapp.com"}, {"Referer", "https://web.whatsapp.com/"}};
  out.timeout = kTransferTimeout;
  out.ca_file = endpoint_.ca_file;
  out.proxy_url = endpoint_.proxy_url;
  return out;
}

}  // namespace konekwa::session
