#include "daemon/wa/proto_bytes.h"

#include <google/protobuf/message_lite.h>

#include <limits>

namespace konekwa::wa {

Bytes serialize(const google::protobuf::MessageLite& message) { return to_bytes(message.SerializeAsString()); }

bool parse(ByteView bytes, google::protobuf::MessageLite& message) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return false;
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace konekwa::wa
