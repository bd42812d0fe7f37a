#include "daemon/wa/io/websocket_url.h"

#include <catch2/catch.hpp>

using namespace konekwa::wa::io;

TEST_CASE("the parts of a WebSocket URL") {
  const auto real = parse_websocket_url("wss://web.whatsapp.com/ws/chat");
  REQUIRE(real);
  CHECK(real->is_tls);
  CHECK(real->host == "web.whatsapp.com");
  CHECK(real->port == "443");
  CHECK(real->target == "/ws/chat");
  CHECK(real->authority() == "web.whatsapp.com");

  const auto local = parse_websocket_url("ws://127.0.0.1:8090?x=1#y");
  REQUIRE(local);
  CHECK_FALSE(local->is_tls);
  CHECK(local->host == "127.0.0.1");
  CHECK(local->port == "8090");
  CHECK(local->target == "/?x=1");
  CHECK(local->authority() == "127.0.0.1:8090");

  const auto six = parse_websocket_url("wss://[::1]:8443/");
  REQUIRE(six);
  CHECK(six->host == "::1");
  CHECK(six->authority() == "[::1]:8443");
  CHECK(parse_websocket_url("ws://[::1]")->authority() == "[::1]");
}

TEST_CASE("other URLs are refused") {
  for (const char* url : {"", "ws://", "http://host/", "wss:/host", "ws://:80/", "ws://host:/", "ws://host:0/",
                          "ws://host:65536/", "ws://host:8x/", "ws://[::1", "ws://[]/", "ws://[::1]8/", "ws://a b/",
                          "ws://host/a b", "ws://host/\r\nX: y", "ws://user@host/"}) {
    INFO(url);
    CHECK_FALSE(parse_websocket_url(url));
  }
}
