#include "daemon/net/address_policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace konekwa::net {
namespace {

// A socket address as a resolver would hand it to the guard.
class SocketAddress {
 public:
  SocketAddress(const char* text, std::uint16_t port) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage_);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage_);
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
    } else {
      REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
    }
  }
  operator const sockaddr&() const { return reinterpret_cast<const sockaddr&>(storage_); }

 private:
  sockaddr_storage storage_{};
};

TEST_CASE("global unicast addresses are public") {
  const char* text = GENERATE("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
                              "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
                              "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.114.0", "223.255.255.255",
                              "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "::ffff:8.8.8.8",
                              "64:ff9b::808:808", "2002:808:808::1");
  INFO(text);
  CHECK(is_public(*parse_address(text)));
}

TEST_CASE("everything else is not") {
  const char* text = GENERATE(
      "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
      "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
      "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
      "255.255.255.255");
  INFO(text);
  CHECK_FALSE(is_public(*parse_address(text)));
}

TEST_CASE("nor are these of IPv6, whatever they wrap") {
  const char* text = GENERATE("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
                              "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
                              "2002:a9fe:a9fe::", "2001::1", "2001:1::1", "2001:db8::1", "3fff::1", "fc00::1",
                              "fd00::1", "fe80::1", "fec0::1", "ff02::1", "100::1", "4000::1");
  INFO(text);
  CHECK_FALSE(is_public(*parse_address(text)));
}

TEST_CASE("only plain addresses are addresses") {
  for (const char* text :
       {"", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "fe80::1%lo", "1.2.3.4/8", "[::1]"}) {
    INFO(text);
    CHECK_FALSE(parse_address(text));
  }
}

TEST_CASE("the list allows names, addresses and blocks") {
  const AllowList list({"Receiver.LAN.", "10.0.0.5", "192.168.0.0/16", "fd00::/8", "172.16.4.0/22"});
  CHECK(list.has_name("receiver.lan"));
  CHECK(list.has_name("RECEIVER.lan."));
  CHECK_FALSE(list.has_name("receiver.lan.example.com"));
  CHECK_FALSE(list.has_name("evil-receiver.lan"));
  CHECK_FALSE(list.has_name(""));
  const auto has = [&](const char* text) { return list.has_address(*parse_address(text)); };
  CHECK(has("10.0.0.5"));
  CHECK(has("::ffff:10.0.0.5"));
  CHECK_FALSE(has("10.0.0.6"));
  CHECK(has("192.168.255.1"));
  CHECK_FALSE(has("192.169.0.1"));
  CHECK(has("172.16.7.255"));
  CHECK_FALSE(has("172.16.8.0"));
  CHECK(has("fdff::1"));
  CHECK_FALSE(has("fe00::1"));
  CHECK_FALSE(has("::1"));
}

TEST_CASE("a block that makes no sense allows nothing") {
  const AllowList list({"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129"});
  CHECK_FALSE(list.has_address(*parse_address("10.0.0.1")));
  CHECK_FALSE(list.has_address(*parse_address("::1")));
}

TEST_CASE("the whole of IPv4 is not the whole of IPv6") {
  const AllowList list({"0.0.0.0/0"});
  CHECK(list.has_address(*parse_address("127.0.0.1")));
  CHECK_FALSE(list.has_address(*parse_address("::1")));
}

TEST_CASE("what may be dialled") {
  const AllowList none, some({"receiver.lan", "127.0.0.0/8"});
  CHECK(dial_problem(none, "example.com", SocketAddress("8.8.8.8", 443)).empty());
  CHECK(dial_problem(none, "example.com", SocketAddress("8.8.8.8", 80)).empty());
  CHECK(dial_problem(none, "example.com", SocketAddress("8.8.8.8", 8443)).empty());
  CHECK_FALSE(dial_problem(none, "example.com", SocketAddress("8.8.8.8", 25)).empty());
  CHECK_FALSE(dial_problem(none, "example.com", SocketAddress("10.0.0.1", 443)).empty());
  CHECK_FALSE(dial_problem(none, "example.com", SocketAddress("::1", 443)).empty());
  CHECK(dial_problem(some, "receiver.lan", SocketAddress("10.0.0.1", 25)).empty());
  CHECK(dial_problem(some, "localhost", SocketAddress("127.0.0.1", 25)).empty());
  CHECK_FALSE(dial_problem(some, "localhost", SocketAddress("::1", 80)).empty());
  sockaddr unix_socket{};
  unix_socket.sa_family = AF_UNIX;
  CHECK_FALSE(dial_problem(some, "receiver.lan", unix_socket).empty());
}

TEST_CASE("a refusal does not say what the name resolved to") {
  CHECK(dial_problem(AllowList(), "example.com", SocketAddress("10.1.2.3", 443)).find("10.1") == std::string::npos);
}

}  // namespace
}  // namespace konekwa::net
