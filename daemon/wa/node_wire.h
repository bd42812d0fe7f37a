// The octets that say what follows in an encoded node. For the codec only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/wa/jid.h"

namespace konekwa::wa::wire {

inline constexpr std::uint8_t kListEmpty = 0;
inline constexpr std::uint8_t kDictionary0 = 236;  // to 239
inline constexpr std::uint8_t kInteropJid = 245;   // string user, u16 device, u16 integrator, string server
inline constexpr std::uint8_t kFbJid = 246;        // string user, u16 device, string server
inline constexpr std::uint8_t kAdJid = 247;        // u8 domain type, u8 device, string user
inline constexpr std::uint8_t kList8 = 248;
inline constexpr std::uint8_t kList16 = 249;
inline constexpr std::uint8_t kJidPair = 250;      // string user (kListEmpty: none), string server
inline constexpr std::uint8_t kHex8 = 251;
inline constexpr std::uint8_t kBinary8 = 252;
inline constexpr std::uint8_t kBinary20 = 253;
inline constexpr std::uint8_t kBinary32 = 254;
inline constexpr std::uint8_t kNibble8 = 255;

// Domain types of kAdJid.
inline constexpr std::uint8_t kDomainPn = 0;
inline constexpr std::uint8_t kDomainLid = 1;
inline constexpr std::uint8_t kDomainHosted = 128;
inline constexpr std::uint8_t kDomainHostedLid = 129;

// The domain type of servers that kAdJid can name.
std::optional<std::uint8_t> domain_type(Server server);

// The integrator of an interop address stands in front of its user: "3-12345".
struct InteropUser {
  std::uint16_t integrator = 0;
  std::string_view user;   // a view of the text that was split
};
std::optional<InteropUser> split_interop(std::string_view user);

// Is there a form above that can carry the address with its device? If not, it travels as text.
bool has_address_form(const Jid& jid);

inline constexpr std::size_t kPackedCharactersMax = 127;
inline constexpr std::uint8_t kPackedOdd = 0x80;
inline constexpr std::uint8_t kPackedPad = 15;

}  // namespace konekwa::wa::wire
