// A stream of frames reads the same in whatever pieces it comes.
#include "common/error.h"
#include "daemon/wa/frame.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

constexpr std::size_t kPayloadMax = 1000;

struct Read {
  std::vector<Bytes> payloads;
  bool is_refused = false;
  bool operator==(const Read&) const = default;
};

Read read(FrameReader::Peer peer, ByteView stream, std::size_t piece_size) {
  FrameReader reader(peer, kPayloadMax);
  Read out;
  while (!stream.empty()) {
    const auto piece = stream.first(std::min(piece_size, stream.size()));
    stream = stream.subspan(piece.size());
    reader.append(piece);
    for (;;) {
      auto payload = reader.next();
      if (!payload) {
        out.is_refused = true;
        return out;
      }
      if (!*payload) break;
      KONEKWA_ASSERT((*payload)->size() <= kPayloadMax);
      out.payloads.push_back(std::move(**payload));
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto peer = data[0] % 2 == 0 ? FrameReader::Peer::Client : FrameReader::Peer::Server;
  const std::size_t piece_size = 1 + data[1];
  const ByteView stream(data + 2, size - 2);
  KONEKWA_ASSERT(read(peer, stream, piece_size) == read(peer, stream, stream.size() + 1));
  return 0;
}
