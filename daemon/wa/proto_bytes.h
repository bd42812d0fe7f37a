// Protobuf messages to octets and back; protobuf itself has only std::string for octets.
#pragma once

#include <string>

#include "common/bytes.h"

namespace google::protobuf {
class MessageLite;
}

namespace konekwa::wa {

Bytes serialize(const google::protobuf::MessageLite& message);
[[nodiscard]] bool parse(ByteView bytes, google::protobuf::MessageLite& message);  // false when damaged
inline std::string field(ByteView bytes) { return konekwa::to_string(bytes); }     // the value of a bytes field

}  // namespace konekwa::wa
