// Nodes to octets and back, and the frame plaintext around them.
// Pure functions; input from the wire never asserts, it fails with PROTOCOL.
#pragma once

#include "common/bytes.h"
#include "common/error.h"
#include "daemon/wa/node.h"

namespace konekwa::wa {

inline constexpr std::size_t kNodeDepthMax = 32;
inline constexpr std::size_t kInflatedBytesMax = 16u << 20;

Bytes encode_node(const Node& node);
Result<Node> decode_node(ByteView bytes);  // exactly one node: trailing octets are refused

// flags || node. We always write flag 0; a peer may set bit 1 (value 2): zlib.
Bytes pack_node(const Node& node);
Result<Node> unpack_node(ByteView plaintext);  // inflates at most kInflatedBytesMax

// RFC 1950 deflate and inflate; also for history blobs. PROTOCOL when damaged or longer than `max`.
Bytes zlib_deflate(ByteView bytes);
Result<Bytes> zlib_inflate(ByteView bytes, std::size_t max);

}  // namespace konekwa::wa
