// Decrypted messages: padding and content.
#include "daemon/wa/content.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto content = wa::parse_content(input)) {
    const auto again = wa::parse_content(content->message);
    KONEKWA_ASSERT(again && again->kind == content->kind && again->text == content->text);
  }
  if (const auto message = wa::unpad(input)) (void)wa::parse_content(*message);
  return 0;
}
