// Where this session's media are: WhatsApp's answer to media_conn, asked for when it is needed and kept until it is
// old. One a connection.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/alive.h"
#include "daemon/session/link.h"
#include "daemon/wa/endpoint.h"
#include "daemon/wa/media.h"

namespace konekwa::session {

class MediaHosts {
 public:
  MediaHosts(const Link& link, const wa::Endpoint& endpoint) : link_(link), endpoint_(endpoint) {}

  struct Hosts {
    std::vector<std::string> upload, download;   // "https://mmg.whatsapp.net", best first
    std::string auth;
  };
  using Done = std::function<void(Result<Hosts>)>;
  void get(Done done);                           // what the network says when it cannot be told
  void forget() { known_.reset(); }              // a host did not take our auth

  // A request for one of the hosts, through the session's proxy and with its authorities.
  net::WebRequest request(std::string method, std::string url) const;

 private:
  void take(const Result<wa::Node>& answer);

  const Link& link_;
  const wa::Endpoint endpoint_;
  std::optional<Hosts> known_;
  Time valid_until_{};
  std::vector<Done> waiting_;
  Alive alive_;
};

}  // namespace konekwa::session
