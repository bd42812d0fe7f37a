#include "daemon/wa/node_wire.h"

#include <charconv>

namespace konekwa::wa::wire {

std::optional<std::uint8_t> domain_type(Server server) {
  switch (server) {
    case Server::Pn: return kDomainPn;
    case Server::Lid: return kDomainLid;
    case Server::Hosted: return kDomainHosted;
    case Server::HostedLid: return kDomainHostedLid;
    default: return std::nullopt;
  }
}

std::optional<InteropUser> split_interop(std::string_view user) {
  InteropUser split;
  const auto [end, error] = std::from_chars(user.data(), user.data() + user.size(), split.integrator);
  const auto digits = static_cast<std::size_t>(end - user.data());
  if (error != std::errc() || digits + 1 >= user.size() || user[digits] != '-') return std::nullopt;
  if (digits > 1 && user[0] == '0') return std::nullopt;
  split.user = user.substr(digits + 1);
  return split;
}

bool has_address_form(const Jid& jid) {
  if (jid.device == 0 || jid.server == Server::Msgr) return true;
  if (jid.server == Server::Interop) return split_interop(jid.user).has_value();
  return domain_type(jid.server) && jid.device <= 0xff;
}

}  // namespace konekwa::wa::wire
