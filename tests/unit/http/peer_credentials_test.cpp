#include "daemon/http/peer_credentials.h"

#include <sys/socket.h>
#include <unistd.h>

using namespace konekwa::http;

TEST_CASE("root, the daemon's user and the group konekwa are admins, nobody else") {
  constexpr uid_t kOwn = 990;
  constexpr gid_t kGroup = 991;
  CHECK(is_admin({0, {0}}, kOwn, kGroup));
  CHECK(is_admin({kOwn, {5}}, kOwn, kGroup));
  CHECK(is_admin({1000, {1000, kGroup}}, kOwn, kGroup));
  CHECK_FALSE(is_admin({1000, {1000}}, kOwn, kGroup));
  CHECK_FALSE(is_admin({1000, {1000, kGroup}}, kOwn, std::nullopt));
}

TEST_CASE("the uid that stands for every unknown user is never an admin") {
  CHECK_FALSE(is_admin({65534, {0}}, 65534, gid_t{0}));
}

TEST_CASE("the kernel says who the peer of a socket is") {
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const auto peer = peer_credentials(pair[0]);
  REQUIRE(peer);
  CHECK(peer->uid == ::geteuid());
  CHECK(std::find(peer->groups.begin(), peer->groups.end(), ::getegid()) != peer->groups.end());
  ::close(pair[0]);
  ::close(pair[1]);
}
