// What a file is, by its first octets, and which reader of libav's is for it. Only what phones and browsers make is
// known: each further reader is one more that a stranger can call.
//
// Pure, on hostile octets.
#pragma once

#include <cstdint>
#include <string>

#include "common/bytes.h"

namespace konekwa::media_probe {

inline constexpr std::size_t kHeadOctets = 64 * 1024;

struct Sniffed {
  enum class Reader : std::uint8_t {
    None,        // only its type is known
    Still,       // the whole file is one packet for the decoder `name`
    Container,   // it is taken apart by the demuxer `name`
  };
  std::string mimetype;                  // "": not recognised
  Reader reader = Reader::None;
  std::string name;                      // as libav calls it
  bool is_animated = false;              // as far as the head says
  std::uint32_t width = 0, height = 0;   // of animated WebP, which libav 5.1 does not decode
};

Sniffed sniff(ByteView head);   // of kHeadOctets, or the whole file

}  // namespace konekwa::media_probe
