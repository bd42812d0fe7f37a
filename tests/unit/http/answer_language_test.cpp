#include "daemon/http/answer_language.h"

using namespace konekwa;
using namespace konekwa::http;
using Headers = std::vector<std::pair<std::string, std::string>>;

namespace {

Response in(Language language, Response response) {
  answer_in(language, response);
  return response;
}

Response with_body(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace

TEST_CASE("an error in Indonesian keeps its code and its values, and says what language it is in") {
  const Response response = in(Language::Indonesian, to_response(Error(ErrorCode::SESSION_NOT_FOUND, "ses_1")));
  CHECK(response.status == 404);
  CHECK(response.body ==
        R"({"error":{"code":"SESSION_NOT_FOUND","message":"sesi tidak ditemukan","details":"ses_1"}})");
  CHECK(response.headers == Headers{{"Content-Language", "id"}, {"Vary", "Accept-Language"}});
}

TEST_CASE("details are told too, with their values as they are") {
  const Error error(ErrorCode::INVALID_REQUEST, "Field 'send_at' must be a string");
  CHECK(in(Language::Indonesian, to_response(error)).body ==
        R"({"error":{"code":"INVALID_REQUEST","message":"permintaan tidak valid",)"
        R"("details":"field 'send_at' harus berupa string"}})");
}

TEST_CASE("the errors of messages are told in a list of them, and nothing else of it") {
  const std::string list = R"({"messages":[{"id":"msg_1","content":"the message has none"},)"
                           R"({"id":"msg_2","error":{"code":"EXPIRED",)"
                           R"("message":"the message expired before it could be sent","retryable":false}}]})";
  const Response response = in(Language::Indonesian, with_body(200, list));
  CHECK(response.body == R"({"messages":[{"id":"msg_1","content":"the message has none"},)"
                         R"({"id":"msg_2","error":{"code":"EXPIRED",)"
                         R"("message":"pesan kedaluwarsa sebelum dapat dikirim","retryable":false}}]})");
  CHECK(response.headers == Headers{{"Content-Language", "id"}, {"Vary", "Accept-Language"}});
}

TEST_CASE("English, and what is no error of the API, is left as it is") {
  const Response error = to_response(Error(ErrorCode::SESSION_NOT_FOUND, "ses_1"));
  CHECK(in(Language::English, error).body == error.body);
  CHECK(in(Language::English, error).headers.empty());
  const std::string message = R"({"message":{"content":"\"error\":{","status":"SENT"}})";
  CHECK(in(Language::Indonesian, with_body(200, message)).body == message);
  for (const char* other : {"", "page", "[]", "{}", R"({"error":1})", R"({"error":{"code":"NOT_FOUND"}})",
                            R"({"error":{"code":1,"message":"there is no such route"}})",
                            R"({"error":{"code":"NOT_FOUND","message":"not one of ours"}})"}) {
    INFO(other);
    const Response same = in(Language::Indonesian, with_body(404, other));
    CHECK(same.body == other);
    CHECK(same.headers.empty());
  }
}
