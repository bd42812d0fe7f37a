// Frames: three octets of length, then that many octets; and the intro that a client sends before its first one:
//
//   [ "ED" 00 01 length:3 routing info ] "WA" 06 03 frame frame ...
//
// A WebSocket may split and join them at will.
#pragma once

#include <optional>

#include "common/bytes.h"
#include "common/error.h"

namespace konekwa::wa {

inline constexpr std::size_t kFrameBytesMax = 0xffffff;

Bytes frame(ByteView payload);               // at most kFrameBytesMax
Bytes intro(ByteView routing_info);          // what comes before the first frame; with no routing info, no "ED"

class FrameReader {
 public:
  // A server's reader skips the client's intro.
  enum class Peer { Client, Server };
  FrameReader(Peer peer, std::size_t payload_max) : payload_max_(payload_max), is_intro_due_(peer == Peer::Client) {}

  void set_payload_max(std::size_t max) { payload_max_ = max; }
  void append(ByteView octets);
  // The next whole payload, or nothing until more has come. PROTOCOL for a wrong intro or a frame over the limit; then
  // nothing can be read any more.
  Result<std::optional<Bytes>> next();

 private:
  Result<bool> skip_intro();                 // false: it has not all come yet
  ByteView rest() const { return ByteView(buffer_).subspan(taken_); }

  std::size_t payload_max_;
  bool is_intro_due_;
  Bytes buffer_;
  std::size_t taken_ = 0;                    // octets in front of buffer_ that have been read
};

}  // namespace konekwa::wa
