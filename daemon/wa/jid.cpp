#include "daemon/wa/jid.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace konekwa::wa {
namespace {

struct ServerName {
  Server server;
  std::string_view text;
};

constexpr std::array kServers = {
    ServerName{Server::Pn, "s.whatsapp.net"},  ServerName{Server::Lid, "lid"},
    ServerName{Server::Group, "g.us"},         ServerName{Server::Broadcast, "broadcast"},
    ServerName{Server::Newsletter, "newsletter"}, ServerName{Server::Hosted, "hosted"},
    ServerName{Server::HostedLid, "hosted.lid"},  ServerName{Server::Bot, "bot"},
    ServerName{Server::Msgr, "msgr"},          ServerName{Server::Interop, "interop"},
    ServerName{Server::Legacy, "c.us"},
};

// What a user part may hold, so that the text form reads back as the same address: no separator, nothing invisible.
bool is_user_character(char c) { return c > ' ' && c < 0x7f && c != '@' && c != ':'; }

std::optional<std::uint16_t> parse_device(std::string_view text) {
  const bool has_leading_zero = text.size() > 1 && text[0] == '0';
  if (text.empty() || has_leading_zero) return std::nullopt;
  std::uint16_t device = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), device);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return device;
}

}  // namespace

std::string_view to_string(Server server) {
  for (const auto& entry : kServers) {
    if (entry.server == server) return entry.text;
  }
  return {};
}

std::optional<Server> server_from(std::string_view text) {
  for (const auto& entry : kServers) {
    if (entry.text == text) return entry.server;
  }
  return std::nullopt;
}

std::optional<Jid> Jid::parse(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos) {
    const auto server = server_from(text);
    return server ? std::optional(Jid{{}, *server, 0}) : std::nullopt;
  }
  const auto server = server_from(text.substr(at + 1));
  if (!server) return std::nullopt;

  auto user = text.substr(0, at);
  std::uint16_t device = 0;
  if (const auto colon = user.find(':'); colon != std::string_view::npos) {
    const auto parsed = parse_device(user.substr(colon + 1));
    if (!parsed) return std::nullopt;
    device = *parsed;
    user = user.substr(0, colon);
  }
  if (user.empty() || !std::all_of(user.begin(), user.end(), is_user_character)) return std::nullopt;
  return Jid{std::string(user), *server, device};
}

std::string to_string(const Jid& jid) {
  const auto server = to_string(jid.server);
  if (jid.is_server()) return std::string(server);
  std::string text = jid.user;
  if (jid.device != 0) text.append(":").append(std::to_string(jid.device));
  return text.append("@").append(server);
}

}  // namespace konekwa::wa
