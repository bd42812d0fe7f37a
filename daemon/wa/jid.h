// WhatsApp addresses. A Jid without a device names a user, a group or a server; with one, a device of a user
// (0 is the phone). The same account has two: by phone number (Pn) and by LID, an opaque number.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace konekwa::wa {

enum class Server : std::uint8_t {
  Pn,          // s.whatsapp.net; with an empty user, the WhatsApp server itself
  Lid,         // lid
  Group,       // g.us
  Broadcast,   // broadcast
  Newsletter,  // newsletter
  Hosted,      // hosted
  HostedLid,   // hosted.lid
  Bot,         // bot
  Msgr,        // msgr
  Interop,     // interop
  Legacy,      // c.us
};

std::string_view to_string(Server server);
std::optional<Server> server_from(std::string_view text);

struct Jid {
  std::string user;
  Server server = Server::Pn;
  std::uint16_t device = 0;

  static Jid pn(std::string user, std::uint16_t device = 0) { return {std::move(user), Server::Pn, device}; }
  static Jid lid(std::string user, std::uint16_t device = 0) { return {std::move(user), Server::Lid, device}; }
  static Jid of_server() { return {}; }  // "s.whatsapp.net"

  // "user@server", "user:device@server", or a bare "server". Nothing else.
  static std::optional<Jid> parse(std::string_view text);

  Jid user_jid() const { return {user, server, 0}; }
  Jid with_device(std::uint16_t d) const { return {user, server, d}; }
  bool is_server() const { return user.empty(); }
  bool is_person() const { return !user.empty() && (server == Server::Pn || server == Server::Lid); }
  bool is_same_user(const Jid& other) const { return user == other.user && server == other.server; }

  auto operator<=>(const Jid&) const = default;
};

std::string to_string(const Jid& jid);  // the text form that parse() reads; ":0" is left out

}  // namespace konekwa::wa

template <>
struct std::hash<konekwa::wa::Jid> {
  std::size_t operator()(const konekwa::wa::Jid& jid) const noexcept {
    return std::hash<std::string>()(jid.user) * 31 + static_cast<std::size_t>(jid.server) * 65599 + jid.device;
  }
};
