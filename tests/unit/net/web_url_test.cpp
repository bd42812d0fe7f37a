#include "daemon/net/web_url.h"

#include "daemon/net/web_client.h"

namespace konekwa::net {
namespace {

TEST_CASE("a URL is taken apart") {
  const auto url = parse_web_url("HTTPS://User:pw@Example.COM:8443/hook?a=b#c");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->host == "example.com");
  CHECK(url->port == 8443);
  CHECK(parse_web_url("http://example.com")->port == 80);
  CHECK(parse_web_url("https://example.com")->port == 443);
  CHECK(parse_web_url("http://[2001:db8::1]:81/")->host == "2001:db8::1");
}

TEST_CASE("URLs that we would try") {
  for (const char* url : {"https://yourapp.com/webhook/message", "http://10.0.0.5:3000/", "http://localhost/x",
                          "https://xn--bcher-kva.example/", "https://a.example/p\xc3\xa4th?q=1"}) {
    INFO(url);
    CHECK(url_problem(url).empty());
  }
}

TEST_CASE("URLs that we would not") {
  for (const char* url :
       {"", "example.com", "//example.com", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com",
        "javascript:alert(1)", "http://", "http:///path", "https://exa mple.com/", "https://example.com/a b",
        "https://example.com/\r\nX: y", "http://a@b@127.0.0.1/", "http://example.com\\@127.0.0.1/",
        "http://b\xc3\xbc\x63her.example/", "http://%31%32%37.0.0.1/", "http://example.com:0/",
        "http://example.com:99999/", "http://example.com:port/", "http://[::1/", "http://\xe2\x91\xa0.example/"}) {
    INFO(url);
    CHECK_FALSE(url_problem(url).empty());
  }
  CHECK_FALSE(url_problem("https://example.com/" + std::string(kUrlOctetsMax, 'a')).empty());
  CHECK_FALSE(url_problem(std::string("https://example.com/\0x", 22)).empty());
}

}  // namespace
}  // namespace konekwa::net
