// The body of POST /v1/messages, and a template with what fills it in.
// links: konekwa_gateway
#include <nlohmann/json.hpp>

#include "common/bytes.h"
#include "common/json.h"
#include "daemon/gateway/message_request.h"
#include "daemon/gateway/template_text.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = to_string(ByteView(data, size));
  auto request = read_message_request(text, from_unix_seconds(1'773'137'400));
  if (request) {
    KONEKWA_ASSERT(find_message_type(request->message_type) != nullptr);
    const std::string fields = request->fields_json();
    KONEKWA_ASSERT(fields.empty() || parse_json(fields));
    (void)resolve_mentions(*request, "62");
    for (const auto& [name, value] : request->warnings) {
      KONEKWA_ASSERT(value.find_first_of("\r\n") == std::string::npos);
    }
  }
  const auto names = placeholders_of(text);
  std::map<std::string, std::string> values;
  for (const std::string& name : names) values[name] = "{{" + name + "}}";   // what fills in is not filled in again
  KONEKWA_ASSERT(render_template(text, values).missing.empty());
  (void)render_template(text, {});
  return 0;
}
