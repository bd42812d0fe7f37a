// Octets from a client: where the header ends does not depend on how they were cut, and what both the gate and Beast's
// parser, which reads the body, let through is framed alike for both.
// links: konekwa_http konekwa_asio
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "common/bytes.h"
#include "common/error.h"
#include "daemon/http/header_gate.h"
#include "daemon/http/target.h"

using namespace konekwa;
namespace beast = boost::beast;

namespace {

void check_that_beast_agrees(std::string_view text, const http::Header& header) {
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(http::kHeaderBytesMax + 1);
  parser.body_limit(boost::none);
  beast::error_code ec;
  parser.put(boost::asio::buffer(text.data(), text.size()), ec);
  if (ec && ec != beast::http::error::need_more) return;   // refused by one is refused
  KONEKWA_ASSERT(parser.is_header_done());
  KONEKWA_ASSERT(parser.chunked() == header.is_chunked);
  KONEKWA_ASSERT(header.is_chunked || parser.content_length().value_or(0) == header.content_length);
  KONEKWA_ASSERT(parser.get().method_string() == header.method);
  KONEKWA_ASSERT(parser.get().target() == header.target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  const auto end = http::find_header_end(text, 0);
  const auto cut = http::find_header_end(text.substr(0, size / 2), 0);
  if (cut && *cut == 0) {
    const auto whole = http::find_header_end(text, size / 2);
    KONEKWA_ASSERT(whole.has_value() == end.has_value());
    KONEKWA_ASSERT(!end || *whole == *end);
  }
  if (!end || *end == 0) return 0;
  for (const bool is_unix_socket : {false, true}) {
    const auto header = http::read_header(text.substr(0, *end), is_unix_socket);
    if (!header) continue;
    check_that_beast_agrees(text.substr(0, *end), *header);
    http::parse_target(header->target).has_value();
  }
  return 0;
}
