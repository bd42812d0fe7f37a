#include "daemon/gateway/qr_link.h"

using namespace konekwa;

TEST_CASE("a signed link holds for its session until it expires") {
  const Bytes key(32, 7);
  const Time now = from_unix_seconds(1'773'137'400);
  const std::string link = sign_qr_link(key, "session-001", now + hours(1));
  CHECK(is_qr_link_valid(key, "session-001", link, now));
  CHECK(is_qr_link_valid(key, "session-001", link, now + hours(1)));
  CHECK_FALSE(is_qr_link_valid(key, "session-001", link, now + hours(1) + seconds(1)));
  CHECK_FALSE(is_qr_link_valid(key, "session-002", link, now));
  CHECK_FALSE(is_qr_link_valid(Bytes(32, 8), "session-001", link, now));
  CHECK_FALSE(is_qr_link_valid(key, "session-001", "9" + link, now));
  for (const char* text : {"", ".", "1773141000", "1773141000.", "x.y"}) {
    CHECK_FALSE(is_qr_link_valid(key, "session-001", text, now));
  }
}
