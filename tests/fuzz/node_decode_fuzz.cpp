// Octets to a node: whatever decodes must encode, and decode to the same again.
#include "common/error.h"
#include "daemon/wa/node_codec.h"

using namespace konekwa::wa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = decode_node({data, size});
  if (!node) return 0;
  const auto again = decode_node(encode_node(*node));
  KONEKWA_ASSERT(again && *again == *node);
  to_string(*node);
  return 0;
}
