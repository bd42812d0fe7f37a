// Texts that a client puts into a request: recipients, page tokens, link tokens, keys, bodies.
// links: konekwa_gateway
#include <nlohmann/json.hpp>

#include "common/bytes.h"
#include "common/error.h"
#include "common/json.h"
#include "daemon/gateway/api_token.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/message_filter.h"
#include "daemon/gateway/page_token.h"
#include "daemon/gateway/qr_link.h"
#include "daemon/gateway/recipient.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = to_string(ByteView(data, size));
  if (const auto recipient = parse_recipient(text, "62")) {
    // The stored form means the same when it is sent again.
    const auto again = parse_recipient(recipient->text, "62");
    KONEKWA_ASSERT(again && again->text == recipient->text && again->chat_id == recipient->chat_id);
  }
  if (const auto sequence = read_page_token(text, "f")) KONEKWA_ASSERT(make_page_token(*sequence, "f") == text);
  KONEKWA_ASSERT(!is_qr_link_valid(Bytes(32, 7), "session-001", text, from_unix_seconds(1'773'137'400)));
  is_api_token(text);
  for (const char* name : {"start_date", "end_date", "page_size", "page_token", "direction", "type"}) {
    read_message_filter({}, {{name, text}}, "62").has_value();
  }
  JsonFields fields(text);
  fields.required_text("name");
  fields.texts("scopes");
  for (const auto& [name, value] : fields.warning_headers()) {
    KONEKWA_ASSERT(value.find_first_of("\r\n") == std::string::npos);
  }
  return 0;
}
