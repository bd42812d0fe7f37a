#include "common/proxy_url.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace konekwa {
namespace {

constexpr std::size_t kUrlOctetsMax = 2048;
constexpr std::size_t kHostOctetsMax = 253;         // of a name in the DNS
constexpr std::size_t kCredentialOctetsMax = 255;   // RFC 1929 has one octet for a length
constexpr std::string_view kMask = "***";

struct Scheme {
  std::string_view prefix;
  ProxyUrl::Kind kind;
  std::uint16_t default_port;
};

constexpr Scheme kSchemes[] = {
    {"http://", ProxyUrl::Kind::Http, 80},
    {"https://", ProxyUrl::Kind::Https, 443},
    {"socks5://", ProxyUrl::Kind::Socks5, 1080},
    {"socks5h://", ProxyUrl::Kind::Socks5, 1080},
};

tl::unexpected<Error> invalid(std::string why) { return fail(ErrorCode::INVALID_PROXY_URL, std::move(why)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_visible(char c) { return c > ' ' && c < 0x7f; }
bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }
bool is_host_octet(char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool begins_with(std::string_view text, std::string_view lower_prefix) {
  const auto is_same = [](char a, char b) { return a == lower(b); };
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), is_same);
}

const Scheme* scheme_of(std::string_view text) {
  const auto found = std::find_if(std::begin(kSchemes), std::end(kSchemes),
                                  [text](const Scheme& scheme) { return begins_with(text, scheme.prefix); });
  return found == std::end(kSchemes) ? nullptr : found;
}

// The URL in pieces that are not judged yet.
struct Pieces {
  bool has_credentials = false;
  std::string_view user, password, host_and_port;
};

Result<Pieces> take_apart(std::string_view authority) {
  Pieces out;
  const std::size_t at = authority.find('@');
  out.host_and_port = at == std::string_view::npos ? authority : authority.substr(at + 1);
  if (out.host_and_port.find('@') != std::string_view::npos) {
    return invalid("there is more than one @ (write %40 for one inside the password)");
  }
  if (at == std::string_view::npos) return out;
  const std::string_view credentials = authority.substr(0, at);
  const std::size_t colon = credentials.find(':');
  out.has_credentials = true;
  out.user = credentials.substr(0, colon);
  if (colon != std::string_view::npos) out.password = credentials.substr(colon + 1);
  return out;
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (is_digit(c)) return static_cast<std::uint8_t>(c - '0');
  const char letter = lower(c);
  if (letter >= 'a' && letter <= 'f') return static_cast<std::uint8_t>(letter - 'a' + 10);
  return std::nullopt;
}

// Percent-decoded; nothing when a percent sign stands before something else than two hex digits.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<char>(*high << 4 | *low));
    i += 2;
  }
  return out;
}

Result<> read_credentials(const Pieces& pieces, ProxyUrl& into) {
  const auto user = decode(pieces.user), password = decode(pieces.password);
  if (!user || !password) return invalid("a % is not followed by two hex digits in the user or the password");
  for (const std::string& text : {*user, *password}) {
    if (text.size() > kCredentialOctetsMax) {
      return invalid(fmt::format("the user or the password is longer than {} octets", kCredentialOctetsMax));
    }
    if (std::any_of(text.begin(), text.end(), is_control)) {
      return invalid("there is a control character in the user or the password");
    }
  }
  if (pieces.has_credentials && user->empty()) return invalid("there is no user before the @");
  // HTTP joins the two with a colon (RFC 7617), and takes the first.
  if (into.kind != ProxyUrl::Kind::Socks5 && user->find(':') != std::string::npos) {
    return invalid("there is a colon in the user, which HTTP cannot carry");
  }
  into.user = *user;
  into.password = *password;
  return {};
}

bool is_ipv6_address(const std::string& host) {
  in6_addr ignored;
  return inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

bool is_name_or_ipv4(const std::string& host) {
  return host.size() <= kHostOctetsMax && std::all_of(host.begin(), host.end(), is_host_octet);
}

// ":1080"
Result<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + 1, last, port);
  if (text.front() != ':' || error != std::errc() || end != last || port == 0) {
    return invalid("the port is not a number from 1 to 65535");
  }
  return port;
}

Result<> read_host(std::string_view text, ProxyUrl& into) {
  const bool is_bracketed = text.starts_with('[');
  if (is_bracketed) text.remove_prefix(1);
  const std::size_t host_end = std::min(text.find(is_bracketed ? ']' : ':'), text.size());
  into.host = std::string(text.substr(0, host_end));
  text.remove_prefix(host_end);
  if (into.host.empty()) return invalid("there is no host");
  const bool is_host = is_bracketed ? is_ipv6_address(into.host) && !text.empty() : is_name_or_ipv4(into.host);
  if (!is_host) return invalid("the host is neither a name nor an address");

  if (is_bracketed) text.remove_prefix(1);
  if (text.empty()) return {};
  const auto port = read_port(text);
  if (!port) return fail(port.error());
  into.port = *port;
  return {};
}

// What stands between the scheme and the end. A final slash is what browsers and people add.
Result<std::string_view> authority_of(std::string_view text, const Scheme& scheme) {
  std::string_view rest = text.substr(scheme.prefix.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return invalid("there is more than user, password, host and port (for / ? # in the password write %2F %3F %23)");
  }
  return rest;
}

}  // namespace

std::string ProxyUrl::address() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<ProxyUrl> parse_proxy_url(std::string_view text) {
  if (text.size() > kUrlOctetsMax) return invalid(fmt::format("it is longer than {} octets", kUrlOctetsMax));
  if (!std::all_of(text.begin(), text.end(), is_visible)) {
    return invalid("there is a space, or a character that is not ASCII, in it");
  }
  const Scheme* scheme = scheme_of(text);
  if (!scheme) return invalid("it does not begin with http://, https:// or socks5://");
  const auto authority = authority_of(text, *scheme);
  if (!authority) return fail(authority.error());
  const auto pieces = take_apart(*authority);
  if (!pieces) return fail(pieces.error());

  ProxyUrl out;
  out.kind = scheme->kind;
  out.port = scheme->default_port;
  if (auto read = read_credentials(*pieces, out); !read) return fail(read.error());
  if (auto read = read_host(pieces->host_and_port, out); !read) return fail(read.error());
  return out;
}

std::string masked_proxy_url(std::string_view text) {
  if (text.empty()) return "";
  const auto url = parse_proxy_url(text);
  if (!url) return std::string(kMask);
  if (url->password.empty()) return std::string(text);
  // It was read, so the first colon after the scheme and the only @ have the password between them.
  const std::size_t colon = text.find(':', text.find("://") + 3);
  return fmt::format("{}:{}{}", text.substr(0, colon), kMask, text.substr(text.find('@')));
}

}  // namespace konekwa
