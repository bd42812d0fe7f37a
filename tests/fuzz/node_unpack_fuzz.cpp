// A frame's plaintext to a node, also through zlib.
#include "common/error.h"
#include "daemon/wa/node_codec.h"

using namespace konekwa;
using namespace konekwa::wa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  unpack_node(input).has_value();

  // The same octets as what a zlib stream holds: most mutations damage a stream before it holds anything.
  Bytes deflated{2};
  append(deflated, zlib_deflate(input));
  const auto direct = decode_node(input), inflated = unpack_node(deflated);
  KONEKWA_ASSERT(direct.has_value() == inflated.has_value());
  KONEKWA_ASSERT(!direct || *direct == *inflated);
  return 0;
}
