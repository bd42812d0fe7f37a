#include "daemon/gateway/message_filter.h"

#include "common/time.h"
#include "daemon/gateway/page_token.h"

using namespace konekwa;

namespace {

Caller caller() {
  Caller out;
  out.tenant = "toko";
  return out;
}
Result<MessageFilter> read(const Gateway::Query& query) { return read_message_filter(caller(), query, "62"); }
Time at(const char* text) { return *from_rfc3339(text); }

}  // namespace

TEST_CASE("no parameters mean everything of the tenant") {
  const auto wanted = read({});
  REQUIRE(wanted);
  CHECK(wanted->filter.tenant == "toko");
  CHECK_FALSE(wanted->filter.outbound);
  CHECK(wanted->page_size == 20);
  CHECK(wanted->before_sequence == 0);
}

TEST_CASE("the direction has two names each") {
  const auto direction = [](const char* text) { return read({{"direction", text}})->filter.outbound; };
  for (const char* text : {"sent", "OUTBOUND", "outbound"}) CHECK(direction(text) == true);
  for (const char* text : {"received", "INBOUND", "inbound"}) CHECK(direction(text) == false);
  CHECK(read({{"direction", "up"}}).error().code == ErrorCode::INVALID_REQUEST);
}

TEST_CASE("a date alone is its whole day, a time is a moment") {
  const auto days = read({{"start_date", "2026-03-10"}, {"end_date", "2026-03-10"}});
  REQUIRE(days);
  CHECK(*days->filter.start == at("2026-03-10T00:00:00Z"));
  CHECK(*days->filter.end == at("2026-03-11T00:00:00Z"));
  const auto times = read({{"start_date", "2026-03-10T07:00:00+07:00"}, {"end_date", "2026-03-10T10:00:00 07:00"}});
  REQUIRE(times);
  CHECK(*times->filter.start == at("2026-03-10T00:00:00Z"));
  CHECK(*times->filter.end == at("2026-03-10T03:00:00Z"));
}

TEST_CASE("dates that are none, or the wrong way round, are refused") {
  for (const char* text : {"yesterday", "2026-13-01", "2026-03-10T10:30:00", "10/03/2026"}) {
    CHECK(read({{"start_date", text}}).error().code == ErrorCode::INVALID_DATE);
    CHECK(read({{"end_date", text}}).error().code == ErrorCode::INVALID_DATE);
  }
  const Gateway::Query reversed = {{"start_date", "2026-03-11"}, {"end_date", "2026-03-09"}};
  CHECK(read(reversed).error().code == ErrorCode::INVALID_DATE);
}

TEST_CASE("a type that is not documented is refused") {
  CHECK(read({{"type", "image"}})->filter.message_type == "image");
  CHECK(read({{"type", "sticker"}}).error().code == ErrorCode::INVALID_MESSAGE_TYPE);
}

TEST_CASE("a page token holds for its filters and its tenant only") {
  const std::string token = make_page_token(7, read({{"direction", "sent"}})->fingerprint);
  CHECK(read({{"direction", "sent"}, {"page_token", token}})->before_sequence == 7);
  CHECK(read({{"direction", "sent"}, {"page_size", "5"}, {"page_token", token}})->before_sequence == 7);
  CHECK_FALSE(read({{"direction", "received"}, {"page_token", token}}));
  Caller other = caller();
  other.tenant = "warung";
  CHECK_FALSE(read_message_filter(other, {{"direction", "sent"}, {"page_token", token}}, "62"));
}
