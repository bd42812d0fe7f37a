#include "daemon/wa/io/proxy_dialogue.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using wa::io::ProxyDialogue;

namespace {

std::string octets(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

std::unique_ptr<ProxyDialogue> dialogue(const std::string& proxy_url, const std::string& host = "web.whatsapp.com") {
  auto made = wa::io::make_proxy_dialogue(*parse_proxy_url(proxy_url), host, "443");
  REQUIRE(made);
  return std::move(*made);
}

// Everything that came of an answer: what was said in return, what was left unread, and how it ended.
struct Outcome {
  std::string said;
  std::string left;
  bool is_open = false;
  std::string problem;
};

Outcome hear(ProxyDialogue& dialogue, std::string answer, std::size_t piece = 1'000) {
  Outcome out;
  while (dialogue.octets_wanted() != 0 && !answer.empty()) {
    const std::size_t size = std::min({dialogue.octets_wanted(), answer.size(), piece});
    const auto next = dialogue.take(as_bytes(answer.substr(0, size)));
    answer.erase(0, size);
    if (!next) {
      CHECK(next.error().code == ErrorCode::PROXY_ERROR);
      out.problem = next.error().details;
      break;
    }
    out.said += as_text(*next);
  }
  out.left = answer;
  out.is_open = out.problem.empty() && dialogue.octets_wanted() == 0;
  return out;
}

Outcome hear(const std::string& proxy_url, const std::string& answer) {
  const auto fresh = dialogue(proxy_url);
  return hear(*fresh, answer);
}

std::string opening(const std::string& proxy_url, const std::string& host = "web.whatsapp.com") {
  return to_string(dialogue(proxy_url, host)->opening());
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string kSocksAccepts = octets({5, 0});
const std::string kSocksOpen = octets({5, 0, 0, 1, 127, 0, 0, 1, 0, 80});

}  // namespace

TEST_CASE("CONNECT names host and port, and carries the credentials") {
  CHECK(opening("http://proxy") ==
        "CONNECT web.whatsapp.com:443 HTTP/1.1\r\nHost: web.whatsapp.com:443\r\n\r\n");
  CHECK(opening("http://proxy", "2001:db8::1") ==
        "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n");
  CHECK(has(opening("https://Aladdin:open%20sesame@proxy"),
            "\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"));
}

TEST_CASE("a tunnel is open after any success, and what follows is not touched") {
  for (const std::string answer :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200\r\n\r\n", "HTTP/1.1 204 Yes\r\nVia: x\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\n\r\n", "HTTP/1.1 100 Wait\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
    INFO(answer);
    const Outcome outcome = hear("http://proxy", answer + "\r\n\r\nHTTP");
    CHECK(outcome.is_open);
    CHECK(outcome.left == "\r\n\r\nHTTP");
    CHECK(outcome.said.empty());
  }
}

TEST_CASE("a tunnel is not open before the header has ended") {
  const auto fresh = dialogue("http://proxy");
  const Outcome outcome = hear(*fresh, "HTTP/1.1 200 OK\r\nVia: x\r\n");
  CHECK_FALSE(outcome.is_open);
  CHECK(outcome.problem.empty());
}

TEST_CASE("an HTTP proxy that refuses is told with its status") {
  CHECK(has(hear("http://proxy", "HTTP/1.1 502 Bad gateway\r\n\r\n").problem, "HTTP 502"));
  CHECK(has(hear("http://proxy", "HTTP/1.1 302 Login\r\nLocation: http://x\r\n\r\n").problem, "HTTP 302"));
  CHECK(hear("http://proxy", "HTTP/1.1 407 No\r\n\r\n").problem == "it wants a user and a password (HTTP 407)");
  CHECK(hear("http://u:secret@proxy", "HTTP/1.1 407 No\r\n\r\n").problem ==
        "it does not accept the user and password (HTTP 407)");
}

TEST_CASE("what is not HTTP is seen at its first octets") {
  for (const std::string answer : {"SSH-2.0", "\r\nHTTP/1.1 200 OK", "HTTP/2 200", "\x05"}) {
    INFO(answer);
    CHECK(hear("http://proxy", answer).problem == "the answer is not HTTP");
  }
  for (const std::string answer : {"HTTP/1.1 \r\n\r\n", "HTTP/1.1\n\n", "HTTP/1.1 2000 OK\r\n\r\n",
                                   "HTTP/1.1 -20 OK\r\n\r\n", "HTTP/1.1200 OK\r\n\r\n", "HTTP/1.1 020 OK\r\n\r\n"}) {
    INFO(answer);
    CHECK(hear("http://proxy", answer).problem == "the answer is not HTTP");
  }
}

TEST_CASE("a header without an end is refused, also one of many interim answers") {
  CHECK(hear("http://proxy", "HTTP/1.1 200 OK\r\nX: " + std::string(10'000, 'x')).problem == "the answer is too long");
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "HTTP/1.1 100 Wait\r\n\r\n";
  CHECK(hear("http://proxy", many).problem == "the answer is too long");
}

TEST_CASE("SOCKS5 without credentials: a name is sent as a name") {
  CHECK(opening("socks5://proxy") == octets({5, 1, 0}));
  const auto fresh = dialogue("socks5h://proxy");
  const Outcome outcome = hear(*fresh, kSocksAccepts + kSocksOpen + "tunnel");
  CHECK(outcome.said == octets({5, 1, 0, 3, 16}) + "web.whatsapp.com" + octets({1, 187}));
  CHECK(outcome.is_open);
  CHECK(outcome.left == "tunnel");
}

TEST_CASE("SOCKS5 takes an address as one") {
  const auto v4 = dialogue("socks5://proxy", "192.0.2.1");
  CHECK(hear(*v4, kSocksAccepts).said == octets({5, 1, 0, 1, 192, 0, 2, 1, 1, 187}));
  const auto v6 = dialogue("socks5://proxy", "::1");
  CHECK(hear(*v6, kSocksAccepts).said ==
        octets({5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 187}));
}

TEST_CASE("SOCKS5 with credentials: they go out only when the proxy chooses them") {
  CHECK(opening("socks5://user:pw@proxy") == octets({5, 2, 0, 2}));
  const auto asked = dialogue("socks5://user:pw@proxy");
  CHECK(hear(*asked, octets({5, 2})).said == octets({1, 4}) + "user" + octets({2}) + "pw");
  CHECK(hear(*asked, octets({1, 0})).said.substr(0, 4) == octets({5, 1, 0, 3}));
  CHECK(hear(*asked, kSocksOpen).is_open);

  const auto not_asked = dialogue("socks5://user:pw@proxy");
  CHECK_FALSE(has(hear(*not_asked, kSocksAccepts + kSocksOpen).said, "pw"));
  const auto without = dialogue("socks5://user@proxy");
  CHECK(hear(*without, octets({5, 2})).said == octets({1, 4}) + "user" + octets({0}));
}

TEST_CASE("the answer of a SOCKS5 proxy may bear any kind of address, in pieces") {
  const std::string six(16, '\0');
  for (const std::string& answer :
       {kSocksOpen, octets({5, 0, 0, 4}) + six + octets({0, 80}), octets({5, 0, 0, 3, 4}) + "host" + octets({0, 80}),
        octets({5, 0, 0, 3, 0, 0, 80})}) {
    for (const std::size_t piece : {1, 2, 3, 1'000}) {
      const auto fresh = dialogue("socks5://proxy");
      const Outcome outcome = hear(*fresh, kSocksAccepts + answer + "tunnel", piece);
      CHECK(outcome.is_open);
      CHECK(outcome.left == "tunnel");
    }
  }
}

TEST_CASE("a SOCKS5 proxy that refuses is told with its reason, also when it says no more than that") {
  CHECK(hear("socks5://proxy", kSocksAccepts + octets({5, 5})).problem ==
        "the target refused the connection (SOCKS error 5)");
  CHECK(has(hear("socks5://proxy", kSocksAccepts + octets({5, 2, 0, 1, 0, 0, 0, 0, 0, 0})).problem, "rules forbid"));
  CHECK(has(hear("socks5://proxy", kSocksAccepts + octets({5, 8})).problem, "SOCKS error 8"));
  CHECK(has(hear("socks5://proxy", kSocksAccepts + octets({5, 0xff})).problem, "SOCKS error 255"));
  CHECK(hear("socks5://proxy", octets({5, 0xff})).problem == "it wants a user and a password");
  CHECK(hear("socks5://u:secret@proxy", octets({5, 0xff})).problem == "it takes no user and password");
  CHECK(hear("socks5://u:secret@proxy", octets({5, 2, 1, 1})).problem == "it does not accept the user and password");
}

TEST_CASE("what is not SOCKS5 is refused") {
  CHECK(hear("socks5://proxy", "HTTP/1.1 400").problem == "the answer is not SOCKS5");
  CHECK(hear("socks5://proxy", octets({4, 0})).problem == "the answer is not SOCKS5");
  CHECK(hear("socks5://proxy", kSocksAccepts + octets({4, 0, 0, 1})).problem == "the answer is not SOCKS5");
  CHECK(has(hear("socks5://proxy", octets({5, 2})).problem, "not offered"));   // of what no credentials are there for
  CHECK(has(hear("socks5://u:secret@proxy", octets({5, 1})).problem, "not offered"));
  CHECK(has(hear("socks5://proxy", kSocksAccepts + octets({5, 0, 0, 2, 0})).problem, "unknown kind of address"));
}

TEST_CASE("a name that is longer than a proxy can be told is refused before anything is said") {
  const auto proxy = *parse_proxy_url("socks5://proxy");
  const auto made = wa::io::make_proxy_dialogue(proxy, std::string(256, 'a'), "443");
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::PROXY_ERROR);
}
