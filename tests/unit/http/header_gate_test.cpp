#include "daemon/http/header_gate.h"

using namespace konekwa::http;

namespace {

// The status of the refusal; 0 when the header is taken.
int judge(const std::string& text, bool is_unix_socket = false) {
  const auto end = find_header_end(text, 0);
  if (!end) return end.error().status;
  if (*end == 0) return -1;
  const auto header = read_header(text.substr(0, *end), is_unix_socket);
  return header ? 0 : header.error().status;
}

std::string request(const std::string& fields, const std::string& line = "POST /v1/messages HTTP/1.1") {
  return line + "\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("a plain request passes the gate") {
  const std::string text = "POST /v1/messages?x=1 HTTP/1.1\r\nHost: localhost:8080\r\nX-API-Key:  kwt_a \r\n"
                           "Content-Length: 12\r\nConnection: keep-alive, Close\r\n\r\n{\"a\":1}";
  const auto end = find_header_end(text, 0);
  REQUIRE(end);
  CHECK(text.substr(*end) == "{\"a\":1}");
  const auto header = read_header(text.substr(0, *end), false);
  REQUIRE(header);
  CHECK(header->method == "POST");
  CHECK(header->target == "/v1/messages?x=1");
  CHECK(header->is_http_1_1);
  CHECK(header->content_length == 12);
  CHECK(header->has_body());
  CHECK_FALSE(header->keeps_alive);
  CHECK(*header->find("x-api-key") == "kwt_a");
  CHECK(header->find("x-other") == nullptr);
}

TEST_CASE("framing that two readers could take in two ways is refused") {
  struct Vector {
    const char* name;
    std::string text;
    int status;
  };
  const std::string host = "Host: a\r\n";
  const Vector vectors[] = {
      {"length and chunked", request(host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"gzip, chunked with length", request(host + "Content-Length: 5\r\nTransfer-Encoding: gzip, chunked\r\n"), 400},
      {"chunked, gzip", request(host + "Transfer-Encoding: chunked, gzip\r\n"), 400},
      {"xchunked", request(host + "Transfer-Encoding: xchunked\r\n"), 400},
      {"chunked twice", request(host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunked, identity", request(host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
      {"empty encoding", request(host + "Transfer-Encoding:\r\n"), 400},
      {"encoding with a blank before the colon", request(host + "Transfer-Encoding : chunked\r\n"), 400},
      {"encoding after a folded line", request(host + "X-A: b\r\n Transfer-Encoding: chunked\r\n"), 400},
      {"encoding hidden by a vertical tab", request(host + "Transfer-Encoding: \x0b" "chunked\r\n"), 400},
      {"HTTP/1.0 chunked", request(host + "Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 400},
      {"two lengths that differ", request(host + "Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"two lengths alike", request(host + "Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"a list of lengths", request(host + "Content-Length: 5, 5\r\n"), 400},
      {"length +5", request(host + "Content-Length: +5\r\n"), 400},
      {"length 5abc", request(host + "Content-Length: 5abc\r\n"), 400},
      {"length -1", request(host + "Content-Length: -1\r\n"), 400},
      {"length 0x5", request(host + "Content-Length: 0x5\r\n"), 400},
      {"empty length", request(host + "Content-Length:\r\n"), 400},
      {"length beyond 64 bits", request(host + "Content-Length: 99999999999999999999\r\n"), 400},
      {"garbage request line", "garbage\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"HTTP/2.0", request(host, "GET / HTTP/2.0"), 505},
      {"HTTP/1.1x", request(host, "GET / HTTP/1.1x"), 505},
      {"two blanks in the request line", request(host, "GET  / HTTP/1.1"), 400},
      {"a blank after the version", request(host, "GET / HTTP/1.1 "), 505},
      {"a tab in the request line", request(host, "GET\t/\tHTTP/1.1"), 400},
      {"method that is no token", request(host, "G(T / HTTP/1.1"), 400},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"bare LF in a field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
      {"bare CR", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400},
      {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"NUL", request(host + std::string("X: a\0b\r\n", 8)), 400},
      {"DEL", request(host + "X: a\x7f\r\n"), 400},
      {"no Host", request(""), 400},
      {"two Hosts", request(host + host), 400},
      {"Host with a blank", request("Host: a b\r\n"), 400},
      {"Host with a comma", request("Host: a,b\r\n"), 400},
      {"two keys", request(host + "X-API-Key: a\r\nx-api-key: b\r\n"), 400},
      {"a key twice", request(host + "X-API-Key: a\r\nX-API-Key: a\r\n"), 400},
      {"two bearers", request(host + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400},
      {"two tenants", request(host + "X-Konekwa-Tenant: a\r\nX-Konekwa-Tenant: b\r\n"), 400},
      {"two idempotency keys", request(host + "Idempotency-Key: a\r\nIdempotency-Key: b\r\n"), 400},
      {"two types", request(host + "Content-Type: application/json\r\nContent-Type: text/xml\r\n"), 400},
      {"a field without colon", request(host + "Broken\r\n"), 400},
      {"a field without name", request(host + ": b\r\n"), 400},
      {"a name with a blank", request(host + "X Y: b\r\n"), 400},
      {"absolute target", request(host, "GET http://a/ HTTP/1.1"), 400},
      {"authority target", request(host, "CONNECT a:80 HTTP/1.1"), 400},
      {"star target", request(host, "OPTIONS * HTTP/1.1"), 400},
      {"target with a fragment", request(host, "GET /a#b HTTP/1.1"), 400},
      {"target with a raw octet", request(host, "GET /\xc3\xa4 HTTP/1.1"), 400},
      {"target of 3 KiB", request(host, "GET /" + std::string(3000, 'a') + " HTTP/1.1"), 414},
      {"gzip body", request(host + "Content-Encoding: gzip\r\nContent-Length: 5\r\n"), 415},
      {"Expect of another kind", request(host + "Expect: 200-ok\r\n"), 417},
      {"64 KiB header", request(host + "X: " + std::string(64 * 1024, 'a') + "\r\n"), 431},
  };
  for (const Vector& vector : vectors) {
    INFO(vector.name);
    CHECK(judge(vector.text) == vector.status);
  }
}

TEST_CASE("what is right in unusual ways passes") {
  CHECK(judge(request("Host: a\r\nTransfer-Encoding: Chunked\r\n")) == 0);
  CHECK(judge(request("Host: a\r\nContent-Length: 0\r\n")) == 0);
  CHECK(judge(request("Host: [::1]:8080\r\n")) == 0);
  CHECK(judge(request("Host:\r\n")) == 0);
  CHECK(judge(request("hOsT: a\r\nX-Utf8: \xc3\xa4\r\nExpect: 100-Continue\r\n")) == 0);
  CHECK(judge(request("", "GET / HTTP/1.0")) == 0);
  CHECK(judge(request("Host: a\r\nContent-Encoding: identity\r\n")) == 0);
}

TEST_CASE("a Unix socket needs no Host, and takes its path for one") {
  CHECK(judge(request(""), true) == 0);
  CHECK(judge(request("Host: /run/konekwa/konekwad.sock\r\n"), true) == 0);
  CHECK(judge(request("Host: a\r\nHost: b\r\n"), true) == 400);
}

TEST_CASE("more than a hundred fields are too many") {
  std::string fields = "Host: a\r\n";
  for (int i = 0; i < 99; ++i) fields += "X: a\r\n";
  CHECK(judge(request(fields)) == 0);
  CHECK(judge(request(fields + "X: a\r\n")) == 431);
}

TEST_CASE("the end of a header is found at every way of cutting it") {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const auto first = find_header_end(text.substr(0, cut), 0);
    REQUIRE(first);
    CHECK(*first == 0);
    const auto second = find_header_end(text, cut);
    REQUIRE(second);
    CHECK(*second == text.size());
  }
}

TEST_CASE("what can never become a header is refused before it ends") {
  CHECK(judge("\x16\x03\x01") == 400);         // a TLS hello
  CHECK(judge("GET / HTTP/1.1\n") == 400);
  CHECK(judge(std::string(16 * 1024, 'a')) == 431);
  CHECK(judge(std::string(16 * 1024 - 1, 'a')) == -1);
}

TEST_CASE("HTTP/1.0 closes unless it asks not to") {
  const auto keeps_alive = [](const std::string& text) { return read_header(text, false)->keeps_alive; };
  CHECK_FALSE(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
  CHECK(keeps_alive("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  CHECK(keeps_alive("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK_FALSE(keeps_alive("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
}
