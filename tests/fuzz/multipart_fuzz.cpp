// A form as a client may send it: what is read does not depend on how it was cut, and never is more than was sent.
// links: konekwa_http
#include <algorithm>
#include <cstdint>
#include <string>

#include "daemon/http/multipart.h"

using namespace konekwa;

namespace {

struct Read {
  bool is_good = true, is_complete = false;
  std::string content;

  bool operator==(const Read&) const = default;
};

Read read(std::string_view body, std::size_t piece) {
  http::Multipart form("b");
  Read out;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    const auto events = form.take(body.substr(at, piece));
    if (!events) {
      out.is_good = false;
      return out;
    }
    for (const auto& event : *events) out.content += event.octets;
  }
  out.is_complete = form.is_complete();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const Read whole = read(body, std::max<std::size_t>(size, 1)), cut = read(body, 1);
  KONEKWA_ASSERT(whole.is_good == cut.is_good && whole.is_complete == cut.is_complete);
  KONEKWA_ASSERT(!whole.is_good || whole.content.size() <= size);
  if (const auto boundary = http::boundary_of(body)) KONEKWA_ASSERT(!boundary->empty());
  return 0;
}
