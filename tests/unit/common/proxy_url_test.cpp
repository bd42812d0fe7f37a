#include "common/proxy_url.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using Kind = ProxyUrl::Kind;

namespace {

std::string problem_of(const std::string& text) {
  const auto url = parse_proxy_url(text);
  REQUIRE_FALSE(url);
  CHECK(url.error().code == ErrorCode::INVALID_PROXY_URL);
  return url.error().details;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("proxy URLs are read, with the port of their scheme unless they name one") {
  struct Case {
    const char* text;
    Kind kind;
    const char* host;
    int port;
  };
  const Case cases[] = {
      {"http://proxy.example", Kind::Http, "proxy.example", 80},
      {"https://proxy.example", Kind::Https, "proxy.example", 443},
      {"socks5://proxy.example", Kind::Socks5, "proxy.example", 1080},
      {"socks5h://proxy.example", Kind::Socks5, "proxy.example", 1080},
      {"SOCKS5://10.0.0.5:9050/", Kind::Socks5, "10.0.0.5", 9050},
      {"http://[2001:db8::5]:3128", Kind::Http, "2001:db8::5", 3128},
      {"http://[::1]", Kind::Http, "::1", 80},
      {"http://user:pw@proxy_1.example:65535", Kind::Http, "proxy_1.example", 65535},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto url = parse_proxy_url(c.text);
    REQUIRE(url);
    CHECK(url->kind == c.kind);
    CHECK(url->host == c.host);
    CHECK(url->port == c.port);
  }
}

TEST_CASE("user and password are decoded") {
  const auto url = parse_proxy_url("socks5://us%20er:p%40ss:w%2fo%25rd@10.0.0.5");
  REQUIRE(url);
  CHECK(url->user == "us er");
  CHECK(url->password == "p@ss:w/o%rd");
  CHECK(parse_proxy_url("http://user@host")->password.empty());
  CHECK(parse_proxy_url("http://user:@host")->user == "user");
  CHECK(parse_proxy_url("socks5://a%3Ab:pw@host")->user == "a:b");
}

TEST_CASE("what is no proxy URL is refused with a reason that repeats nothing of it") {
  struct Case {
    const char* text;
    const char* said;
  };
  const Case cases[] = {
      {"", "does not begin"},
      {"secret:1080", "does not begin"},
      {"socks4://secret", "does not begin"},
      {"ftp://secret", "does not begin"},
      {"http://", "no host"},
      {"http://:80", "no host"},
      {"http://user:secret@", "no host"},
      {"http://:secret@host", "no user"},
      {"http://@host", "no user"},
      {"http://user:sec@ret@host", "more than one @"},
      {"http://user:sec/ret@host", "%2F"},
      {"http://host/secret", "more than user, password, host and port"},
      {"http://host?secret", "more than user, password, host and port"},
      {"http://user:secret%@host", "hex digits"},
      {"http://user:secret%4@host", "hex digits"},
      {"http://user:secret%zz@host", "hex digits"},
      {"http://user:secret%0d%0aX@host", "control character"},
      {"http://user:secret%00@host", "control character"},
      {"http://us%3Aer:secret@host", "colon"},
      {"http://host:0", "port"},
      {"http://host:65536", "port"},
      {"http://host:", "port"},
      {"http://host:80secret", "port"},
      {"http://host:+80", "port"},
      {"http://[::1]80", "port"},
      {"http://[::1", "neither a name nor an address"},
      {"http://[secret]", "neither a name nor an address"},
      {"http://[fe80::1%25eth0]", "neither a name nor an address"},
      {"http://ho%73t", "neither a name nor an address"},
      {"http://h\xc3\xb6st", "not ASCII"},
      {"http://host name", "space"},
      {"http://host\r\nsecret", "space"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const std::string why = problem_of(c.text);
    INFO(why);
    CHECK(has(why, c.said));
    CHECK_FALSE(has(why, "secret"));
  }
  CHECK(has(problem_of("http://" + std::string(254, 'a')), "neither a name"));
  CHECK(has(problem_of("http://" + std::string(3000, 'a')), "longer than"));
  CHECK(has(problem_of("http://u:" + std::string(256, 'a') + "@h"), "longer than 255"));
}

TEST_CASE("the address of a proxy is written without credentials") {
  CHECK(parse_proxy_url("socks5://user:pw@host")->address() == "host:1080");
  CHECK(parse_proxy_url("http://[::1]:3128")->address() == "[::1]:3128");
}

TEST_CASE("a masked proxy URL keeps everything but the password") {
  CHECK(masked_proxy_url("socks5://user:pw@10.0.0.5:1080") == "socks5://user:***@10.0.0.5:1080");
  CHECK(masked_proxy_url("HTTP://us%20er:p:w@[::1]:80/") == "HTTP://us%20er:***@[::1]:80/");
  CHECK(masked_proxy_url("http://user:http%3A%2F%2Fx@host") == "http://user:***@host");
  CHECK(masked_proxy_url("http://user@host") == "http://user@host");
  CHECK(masked_proxy_url("https://host:8443") == "https://host:8443");
  CHECK(masked_proxy_url("") == "");
}

TEST_CASE("of a text that is no proxy URL nothing is shown") {
  for (const char* text :
       {"secret", "http://user:sec@ret@host", "http://user:secret@ho st", "socks4://user:secret@host",
        "http://user:secret", "user:secret@host:80", "http://user:secret/@host"}) {
    CHECK(masked_proxy_url(text) == "***");
  }
}
