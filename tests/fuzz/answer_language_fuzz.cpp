// Answers that are told in Indonesian: bodies with what strangers wrote in them, and details with what clients did.
// links: konekwa_http
#include <nlohmann/json.hpp>

#include "common/bytes.h"
#include "common/error.h"
#include "common/json.h"
#include "daemon/http/answer_language.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = to_string(ByteView(data, size));
  http::Response answer;
  answer.body = text;
  http::answer_in(Language::Indonesian, answer);
  // What is told is JSON as before; what is not JSON is not touched.
  if (answer.body != text) KONEKWA_ASSERT(parse_json(text).has_value() && parse_json(answer.body).has_value());

  http::Response error = http::to_response(Error(ErrorCode::INVALID_REQUEST, text));
  http::answer_in(Language::Indonesian, error);
  KONEKWA_ASSERT(error.status == 400 && parse_json(error.body).has_value());
  return 0;
}
