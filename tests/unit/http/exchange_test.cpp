#include "daemon/http/exchange.h"

using namespace konekwa;
using namespace konekwa::http;

TEST_CASE("an error is always an object of code, message and details") {
  const Response response = to_response(Error(ErrorCode::SESSION_NOT_FOUND, "ses_1"));
  CHECK(response.status == 404);
  CHECK(response.body ==
        R"({"error":{"code":"SESSION_NOT_FOUND","message":"there is no such session","details":"ses_1"}})");
}

TEST_CASE("details that are not UTF-8 do not break the answer") {
  CHECK(to_response(Error(ErrorCode::NOT_FOUND, "\xff")).body.find("NOT_FOUND") != std::string::npos);
}

TEST_CASE("who should come back later is told when") {
  CHECK(to_response(Error(ErrorCode::QUEUE_FULL)).headers.at(0).first == "Retry-After");
  CHECK(to_response(Error(ErrorCode::STORAGE_UNAVAILABLE)).headers.at(0).first == "Retry-After");
}

TEST_CASE("an answer is written with its length, date and headers") {
  Response response;
  response.status = 202;
  response.body = "{}";
  response.headers.emplace_back("X-A", "b");
  const Time now = *from_rfc3339("2026-03-10T10:30:00Z");
  CHECK(serialize(response, now, true, false) ==
        "HTTP/1.1 202 Accepted\r\nDate: Tue, 10 Mar 2026 10:30:00 GMT\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nX-A: b\r\n\r\n{}");
  CHECK(serialize(response, now, false, true) ==
        "HTTP/1.1 202 Accepted\r\nDate: Tue, 10 Mar 2026 10:30:00 GMT\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nX-A: b\r\nConnection: close\r\n\r\n");
}
