// Which hosts of the CDN to use, and the secret that opens uploads.
#include <algorithm>

#include "daemon/wa/media.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kHostsMax = 64;
constexpr std::size_t kHostnameMax = 255;
constexpr std::size_t kAuthMax = 4096;
constexpr std::int64_t kTtlMaxSeconds = 7 * 24 * 3600;

// A name or address, perhaps with a port: it becomes the beginning of an address that we ask.
bool is_hostname(std::string_view text) {
  constexpr std::string_view kPunctuation = ".-:[]";
  const auto fits = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPunctuation.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kHostnameMax && std::all_of(text.begin(), text.end(), fits);
}

MediaHost parse_host(const Node& node) {
  MediaHost host;
  host.hostname = node.attr("hostname");
  const bool names_its_uses = node.child("download") || node.child("upload");
  if (!names_its_uses) return host;
  host.can_download = node.child("download") != nullptr;
  host.can_upload = node.child("upload") != nullptr;
  return host;
}

std::vector<MediaHost> parse_hosts(const Node& connection) {
  std::vector<MediaHost> hosts;
  for (const Node* node : connection.children("host")) {
    if (hosts.size() == kHostsMax) break;
    MediaHost host = parse_host(*node);
    if (is_hostname(host.hostname)) hosts.push_back(std::move(host));
  }
  return hosts;
}

std::optional<Duration> parse_ttl(const Node& connection, std::string_view name) {
  const auto value = connection.number(name);
  if (!value || *value < 0) return std::nullopt;
  return seconds(std::min(*value, kTtlMaxSeconds));
}

Error error_of(const Node& iq) {
  const Node* error = iq.child("error");
  if (!error) return Error(ErrorCode::PROTOCOL, "an error without <error>");
  return Error(ErrorCode::SERVER_REJECTED, "error " + error->attr("code") + " " + error->attr("text"));
}

}  // namespace

Node media_conn_iq(const std::string& id) {
  Node iq("iq");
  iq.set("id", id).set("to", Jid::of_server()).set("type", "set").set("xmlns", "w:m");
  iq.add(Node("media_conn"));
  return iq;
}

Result<MediaConnection> parse_media_conn(const Node& answer) {
  if (answer.attr("type") == "error") return fail(error_of(answer));
  const Node* node = answer.child("media_conn");
  if (!node) return fail(ErrorCode::PROTOCOL, "the answer has no <media_conn>");
  MediaConnection connection;
  connection.auth = node->attr("auth");
  if (connection.auth.empty() || connection.auth.size() > kAuthMax) {
    return fail(ErrorCode::PROTOCOL, "a <media_conn> without auth");
  }
  const auto ttl = parse_ttl(*node, "ttl");
  if (!ttl) return fail(ErrorCode::PROTOCOL, "a <media_conn> without ttl");
  connection.ttl = *ttl;
  connection.auth_ttl = parse_ttl(*node, "auth_ttl").value_or(*ttl);
  connection.hosts = parse_hosts(*node);
  if (connection.hosts.empty()) return fail(ErrorCode::PROTOCOL, "a <media_conn> without hosts");
  return connection;
}

}  // namespace konekwa::wa
