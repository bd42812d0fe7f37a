#include "daemon/wa/io/websocket_url.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace konekwa::wa::io {
namespace {

constexpr std::string_view kPlainPort = "80";
constexpr std::string_view kTlsPort = "443";

std::string_view default_port(bool is_tls) { return is_tls ? kTlsPort : kPlainPort; }

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

// Nothing that would end a line of the request, or that a host or path cannot hold unescaped.
bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Cuts `prefix` off the front of `text`; false when it does not begin so.
bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string WebSocketUrl::authority() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string text = is_ipv6 ? "[" : "";
  text.append(host).append(is_ipv6 ? "]" : "");
  if (port != default_port(is_tls)) text.append(":").append(port);
  return text;
}

Result<WebSocketUrl> parse_websocket_url(std::string_view url) {
  const auto refuse = [url] {
    return fail(ErrorCode::INVALID_REQUEST, "not a ws:// or wss:// URL: " + std::string(url));
  };
  WebSocketUrl out;
  auto rest = url;
  out.is_tls = consume(rest, "wss://");
  if (!out.is_tls && !consume(rest, "ws://")) return refuse();
  if (!is_visible(rest)) return refuse();

  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (!rest.starts_with('/')) out.target = '/';
  out.target.append(rest.substr(0, rest.find('#')));

  const bool is_bracketed = authority.starts_with('[');
  const auto host_end = is_bracketed ? authority.find(']') : authority.find(':');
  out.host = std::string(authority.substr(is_bracketed ? 1 : 0, is_bracketed ? host_end - 1 : host_end));
  if (out.host.empty() || (is_bracketed && host_end == std::string_view::npos)) return refuse();
  if (out.host.find('@') != std::string::npos) return refuse();

  auto port = host_end == std::string_view::npos ? std::string_view() : authority.substr(host_end);
  if (is_bracketed) port.remove_prefix(1);
  if (port.empty()) {
    out.port = std::string(default_port(out.is_tls));
    return out;
  }
  if (!consume(port, ":") || !is_port(port)) return refuse();
  out.port = std::string(port);
  return out;
}

}  // namespace konekwa::wa::io
