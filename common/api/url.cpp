#include "common/api/url.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <sys/un.h>

namespace konekwa::api {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::size_t kSocketPathMax = sizeof(sockaddr_un{}.sun_path) - 1;

tl::unexpected<Error> invalid(std::string what) {
  return fail(Error(ErrorCode::INVALID_REQUEST, std::move(what), ""));
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

Result<Url> unix_url(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return invalid(fmt::format("the path of a Unix socket begins with '/': '{}'", path));
  }
  if (path.size() > kSocketPathMax) {
    return invalid(fmt::format("the path of a Unix socket has {} characters at most", kSocketPathMax));
  }
  Url url;
  url.socket = path;
  return url;
}

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && port >= 1 && port <= 65535 ? std::optional(port) : std::nullopt;
}

Result<Url> tcp_url(std::string_view text, std::string_view scheme) {
  const auto wrong = [&] {
    return invalid(fmt::format("not a URL: '{}'; write {}host:port", text, scheme));
  };
  Url url;
  url.kind = scheme == kHttps ? Url::Kind::Https : Url::Kind::Http;
  std::string_view rest = text.substr(scheme.size());
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) url.path = rest.substr(slash);
  while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
  rest = rest.substr(0, slash);

  const bool is_bracketed = !rest.empty() && rest.front() == '[';
  const std::size_t host_end = is_bracketed ? rest.find(']') : rest.find(':');
  if (is_bracketed && host_end == std::string_view::npos) return wrong();
  url.host = is_bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
  if (url.host.empty() || url.host.find_first_of("@? #") != std::string::npos) return wrong();
  rest.remove_prefix(std::min(rest.size(), is_bracketed ? host_end + 1 : host_end));
  if (rest.empty()) {
    url.port = url.kind == Url::Kind::Https ? 443 : 80;
    return url;
  }
  const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  if (!port) return wrong();
  url.port = *port;
  return url;
}

}  // namespace

std::string Url::text() const {
  if (kind == Kind::Unix) return fmt::format("{}{}", kUnix, socket);
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}{}", kind == Kind::Https ? kHttps : kHttp, is_v6 ? "[" : "", host, is_v6 ? "]" : "",
                     port, path);
}

Result<Url> parse_url(std::string_view text) {
  if (text.starts_with(kUnix)) return unix_url(text.substr(kUnix.size()));
  if (text.starts_with("/")) return unix_url(text);
  if (text.starts_with(kHttp)) return tcp_url(text, kHttp);
  if (text.starts_with(kHttps)) return tcp_url(text, kHttps);
  return invalid(fmt::format("not a URL: '{}'; write unix:///path or http://host:port", text));
}

std::string encode_segment(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string with_query(std::string path, const Query& query) {
  char separator = path.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [key, value] : query) {
    if (value.empty()) continue;
    path += fmt::format("{}{}={}", separator, key, encode_segment(value));
    separator = '&';
  }
  return path;
}

}  // namespace konekwa::api
