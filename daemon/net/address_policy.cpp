#include "daemon/net/address_policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace konekwa::net {
namespace {

struct Range {
  const char* base;
  int bits;
};

// What is not global unicast in IPv4 (RFC 6890 and its registry; multicast and class E at the end).
constexpr Range kNotPublicV4[] = {
    {"0.0.0.0", 8},       {"10.0.0.0", 8},      {"100.64.0.0", 10},  {"127.0.0.0", 8},  {"169.254.0.0", 16},
    {"172.16.0.0", 12},   {"192.0.0.0", 24},    {"192.0.2.0", 24},   {"192.88.99.0", 24}, {"192.168.0.0", 16},
    {"198.18.0.0", 15},   {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},  {"240.0.0.0", 4}};

constexpr Range kGlobalV6 = {"2000::", 3};
constexpr Range kNotPublicV6[] = {{"2001::", 23}, {"2001:db8::", 32}, {"3fff::", 20}};

constexpr Range kMapped = {"::ffff:0:0", 96};
constexpr Range kSixToFour = {"2002::", 16};
constexpr Range kNat64 = {"64:ff9b::", 96};

constexpr const char* kNotPublic = "the host is not on the public internet (see --allow-url-hosts)";
constexpr const char* kNotCommonPort = "the port is not one that URLs may have (see --allow-url-hosts)";

bool matches(const Address& address, const Address& base, int bits) {
  const int whole = bits / 8;
  if (!std::equal(base.begin(), base.begin() + whole, address.begin())) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xff << (8 - bits % 8) & 0xff;
  return ((base[static_cast<std::size_t>(whole)] ^ address[static_cast<std::size_t>(whole)]) & mask) == 0;
}

bool is_in(const Address& address, const Range& range) {
  const Address base = *parse_address(range.base);
  const bool is_v4 = std::strchr(range.base, ':') == nullptr;
  return matches(address, base, is_v4 ? range.bits + 96 : range.bits);
}

Address from_v4(const std::uint8_t* four) {
  Address out{};
  out[10] = out[11] = 0xff;
  std::copy_n(four, 4, out.begin() + 12);
  return out;
}

bool is_public_v4(const Address& mapped) {
  return std::none_of(std::begin(kNotPublicV4), std::end(kNotPublicV4),
                      [&](const Range& range) { return is_in(mapped, range); });
}

std::string normal_name(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

// RFC 6761: the name and all below it.
bool is_localhost(std::string_view host) {
  const std::string name = normal_name(host);
  return name == "localhost" || name.ends_with(".localhost");
}

std::optional<int> parse_bits(std::string_view text, int max) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits < 0 || bits > max) return std::nullopt;
  return bits;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  std::uint8_t four[4];
  if (inet_pton(AF_INET, terminated.c_str(), four) == 1) return from_v4(four);
  Address six{};
  if (inet_pton(AF_INET6, terminated.c_str(), six.data()) == 1) return six;
  return std::nullopt;
}

std::optional<Address> address_of(const sockaddr& socket_address) {
  if (socket_address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(socket_address);
    std::uint8_t four[4];
    std::memcpy(four, &v4.sin_addr, sizeof four);
    return from_v4(four);
  }
  if (socket_address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(socket_address);
    Address out{};
    std::memcpy(out.data(), &v6.sin6_addr, out.size());
    return out;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> port_of(const sockaddr& socket_address) {
  switch (socket_address.sa_family) {
    case AF_INET: return ntohs(reinterpret_cast<const sockaddr_in&>(socket_address).sin_port);
    case AF_INET6: return ntohs(reinterpret_cast<const sockaddr_in6&>(socket_address).sin6_port);
    default: return std::nullopt;
  }
}

bool is_public(const Address& address) {
  if (is_in(address, kMapped)) return is_public_v4(address);
  if (is_in(address, kNat64)) return is_public_v4(from_v4(address.data() + 12));
  if (is_in(address, kSixToFour)) return is_public_v4(from_v4(address.data() + 2));
  if (!is_in(address, kGlobalV6)) return false;
  return std::none_of(std::begin(kNotPublicV6), std::end(kNotPublicV6),
                      [&](const Range& range) { return is_in(address, range); });
}

bool is_common_port(std::uint16_t port) { return port == 80 || port == 443 || port >= 1024; }

AllowList::AllowList(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    const std::size_t slash = entry.find('/');
    const auto base = parse_address(std::string_view(entry).substr(0, slash));
    if (!base) {
      names_.push_back(normal_name(entry));
      continue;
    }
    const int width = entry.find(':') == std::string::npos ? 32 : 128;
    const auto bits = slash == std::string::npos ? width : parse_bits(std::string_view(entry).substr(slash + 1), width);
    if (bits) blocks_.push_back({*base, *bits + 128 - width});
  }
}

bool AllowList::has_name(std::string_view host) const {
  return std::find(names_.begin(), names_.end(), normal_name(host)) != names_.end();
}

bool AllowList::has_address(const Address& address) const {
  return std::any_of(blocks_.begin(), blocks_.end(),
                     [&](const Block& block) { return matches(address, block.base, block.bits); });
}

std::string dial_problem(const AllowList& allowed, std::string_view host, const sockaddr& to) {
  const auto address = address_of(to);
  const auto port = port_of(to);
  if (!address || !port) return "the host has no IP address";
  if (allowed.has_name(host) || allowed.has_address(*address)) return "";
  // The address is not named: it would tell a user what our resolver knows.
  if (!is_public(*address)) return kNotPublic;
  return is_common_port(*port) ? "" : kNotCommonPort;
}

std::string ask_problem(const AllowList& allowed, std::string_view host, std::uint16_t port) {
  const auto address = parse_address(host);
  if (allowed.has_name(host) || (address && allowed.has_address(*address))) return "";
  if (address ? !is_public(*address) : is_localhost(host)) return kNotPublic;
  return is_common_port(port) ? "" : kNotCommonPort;
}

}  // namespace konekwa::net
