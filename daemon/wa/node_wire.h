// The octets that say what follows in an encoded node (core.md 4.1). For the two files of the codec only.
#pragma once

#include <cstddef>
#include <cstdint>

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

inline constexpr std::size_t kPackedCharactersMax = 127;
inline constexpr std::uint8_t kPackedOdd = 0x80;
inline constexpr std::uint8_t kPackedPad = 15;

}  // namespace konekwa::wa::wire
