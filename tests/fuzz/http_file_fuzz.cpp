// Content-Disposition and Range as a client may write them: the first octet chooses, the rest is the value.
// links: konekwa_http
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/http/byte_range.h"
#include "daemon/http/disposition.h"

using namespace konekwa::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view value(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    const std::uint64_t length = data[0];
    const RangeAnswer answer = read_range(value, length);
    if (answer.range && (answer.range->begin >= answer.range->end || answer.range->end > length)) std::abort();
    return 0;
  }
  const std::string name = filename_of(value);
  const std::string header = attachment(name);
  for (const char c : header) {
    if (c < ' ' || c == 0x7f) std::abort();
  }
  attachment(value);
  return 0;
}
