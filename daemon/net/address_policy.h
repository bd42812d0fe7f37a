// Which addresses may be dialled for a URL that a user gave us. Only global unicast ones, or else a webhook could
// reach the metadata service of a cloud, a router or a database beside us (server-side request forgery). The operator
// lists exceptions by name, address or CIDR.
//
// Judged at connect time, on the address that will be dialled: what a name resolves to can change after any check.
// Pure functions on addresses; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

struct sockaddr;

namespace konekwa::net {

// 16 octets; an IPv4 address is ::ffff:a.b.c.d.
using Address = std::array<std::uint8_t, 16>;

std::optional<Address> parse_address(std::string_view text);    // "192.0.2.1", "2001:db8::1"; no names, no zones
std::optional<Address> address_of(const sockaddr& socket_address);   // nothing for families other than IP
std::optional<std::uint16_t> port_of(const sockaddr& socket_address);

// Global unicast, also after unwrapping what carries an IPv4 address (mapped, 6to4, NAT64).
bool is_public(const Address& address);

// Of a host that is not listed: the ports of the web, and those that need no privilege. Keeps us from talking to mail
// and login services of strangers.
bool is_common_port(std::uint16_t port);

class AllowList {
 public:
  AllowList() = default;
  // "receiver.lan", "10.0.0.5", "fd00::5", "10.0.0.0/8". An entry that is none of them is taken as a name.
  explicit AllowList(const std::vector<std::string>& entries);
  bool has_name(std::string_view host) const;      // exact, without regard to case or a final dot
  bool has_address(const Address& address) const;

 private:
  struct Block {
    Address base{};
    int bits = 128;
  };
  std::vector<std::string> names_;
  std::vector<Block> blocks_;
};

// May a socket to this address be opened for a URL with this host? The reason why not, or "".
std::string dial_problem(const AllowList& allowed, std::string_view host, const sockaddr& to);

// May a proxy be asked for this host, as far as its text tells? The reason why not, or "". Where a name leads only the
// proxy sees.
std::string ask_problem(const AllowList& allowed, std::string_view host, std::uint16_t port);

}  // namespace konekwa::net
