// Pages of messages while messages arrive: whatever is filtered, none is skipped and none comes twice.
#include <set>

#include <fmt/format.h>

#include "daemon/store/messages.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;

namespace {

struct Fixture : ApiFixture {
  Fixture() {
    for (int i = 0; i < 60; ++i) arrive();
  }
  const std::string key = new_token(R"({"name":"k"})");
  const std::string session = new_session(key, "a"), second = new_session(key, "b");
  int arrived = 0;

  // One more message, of changing kinds.
  void arrive() {
    loop.advance(minutes(7));
    const int i = arrived++;
    store::MessageRow row;
    row.id = fmt::format("msg_{:04}", i);
    row.tenant = "default";
    row.session = i % 3 == 0 ? second : session;
    row.outbound = i % 2 == 0;
    row.state = !row.outbound ? store::MessageState::RECEIVED
                : i % 4 == 0  ? store::MessageState::QUEUED
                              : store::MessageState::SENT;
    row.recipient = i % 5 == 0 ? "6280000000001" : "6280000000002";
    row.chat_id = row.recipient + "@s.whatsapp.net";
    row.message_type = i % 7 == 0 ? "image" : "text";
    row.wa_message_id = "3EB0" + std::to_string(i);
    row.client_reference = i % 6 == 0 ? "order-1" : "";
    row.created_at = loop.now();
    store::messages::insert(store.db, row);
  }

  test::Answer list(const std::string& query) { return with_key(key, "GET", "/v1/messages?" + query); }
  std::set<std::string> all(const std::string& query) {
    std::set<std::string> out;
    const auto page = list("page_size=100&" + query);
    INFO(page.raw);
    REQUIRE(page.status == 200);
    REQUIRE_FALSE(page.body.contains("next_page_token"));
    for (const auto& message : page.body["messages"]) out.insert(message["id"]);
    CHECK(page.body["total_count"] == out.size());
    return out;
  }
};

const char* const kFilters[] = {"", "direction=sent", "direction=received", "type=text", "type=image", "status=QUEUED",
                                "status=RECEIVED", "recipient=6280000000001", "client_reference=order-1",
                                "start_date=2026-03-10T12:00:00Z", "end_date=2026-03-10T15:00:00Z",
                                "start_date=2026-03-10T12:00:00Z&end_date=2026-03-10T15:00:00Z",
                                "direction=sent&type=text&status=SENT"};

}  // namespace

TEST_CASE("pages hold what was there when the first was asked for, once each, while more arrives") {
  for (const int size : {1, 7, 19}) {
    Fixture f;
    std::vector<std::string> filters(std::begin(kFilters), std::end(kFilters));
    filters.push_back("session_id=" + f.second);
    for (const std::string& filter : filters) {
      INFO("filter " << filter << ", pages of " << size);
      const auto expected = f.all(filter);
      REQUIRE_FALSE(expected.empty());
      std::set<std::string> seen;
      std::string token, previous;
      int pages = 0;
      do {
        const std::string next = token.empty() ? "" : "&page_token=" + token;
        const auto page = f.list(fmt::format("page_size={}&{}{}", size, filter, next));
        REQUIRE(page.status == 200);
        CHECK(page.body["messages"].size() <= static_cast<std::size_t>(size));
        for (const auto& message : page.body["messages"]) {
          const std::string id = message["id"];
          CHECK(seen.insert(id).second);
          CHECK((previous.empty() || id < previous));
          previous = id;
        }
        token = page.body.value("next_page_token", "");
        if (pages % 10 == 0 && f.arrived < 95) f.arrive();
      } while (!token.empty() && ++pages < 200);
      CHECK(seen == expected);
    }
  }
}

TEST_CASE("the last page of a list that divides evenly has no token") {
  Fixture f;
  std::string token;
  for (int i = 0; i < 3; ++i) {
    const auto page = f.list("page_size=20" + (token.empty() ? "" : "&page_token=" + token));
    CHECK(page.body["messages"].size() == 20);
    token = page.body.value("next_page_token", "");
    CHECK(token.empty() == (i == 2));
  }
}

TEST_CASE("each filter holds what it says") {
  Fixture f;
  std::size_t sent = 0;
  const auto sent_page = f.list("page_size=100&direction=sent");
  for (const auto& message : sent_page.body["messages"]) {
    CHECK(message["direction"] == "OUTBOUND");
    ++sent;
  }
  CHECK(sent + f.all("direction=received").size() == f.all("").size());
  const auto referenced = f.list("page_size=100&client_reference=order-1");
  for (const auto& message : referenced.body["messages"]) {
    CHECK(message["client_reference"] == "order-1");
  }
  CHECK(f.all("recipient=0800-0000-0001") == f.all("recipient=6280000000001"));
  CHECK(f.list("status=LOST").code() == "INVALID_REQUEST");
  CHECK(f.list("type=sticker").code() == "INVALID_MESSAGE_TYPE");
  CHECK(f.list("start_date=2026-03-11&end_date=2026-03-10T00:00:00Z").code() == "INVALID_DATE");
}

TEST_CASE("a token is for the filters, the key and the list that it was made with") {
  Fixture f;
  const std::string token = f.list("page_size=2").body["next_page_token"];
  CHECK(f.list("page_size=5&page_token=" + token).status == 200);
  CHECK(f.list("count=false&page_token=" + token).status == 200);
  for (const char* filter : kFilters) {
    if (*filter == '\0') continue;
    INFO(filter);
    CHECK(f.list(std::string(filter) + "&page_token=" + token).code() == "INVALID_PAGE_TOKEN");
  }
  CHECK(f.list("session_id=" + f.session + "&page_token=" + token).code() == "INVALID_PAGE_TOKEN");
  const std::string other = f.new_token(R"({"name":"o","tenant":"warung"})");
  CHECK(f.with_key(other, "GET", "/v1/messages?page_token=" + token).code() == "INVALID_PAGE_TOKEN");
  const std::string narrow = f.new_token(Json{{"name", "n"}, {"sessions", {f.session}}}.dump());
  CHECK(f.with_key(narrow, "GET", "/v1/messages?page_token=" + token).code() == "INVALID_PAGE_TOKEN");
  CHECK(f.with_key(f.key, "GET", "/v1/templates?page_token=" + token).code() == "INVALID_PAGE_TOKEN");
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string spoilt = token;
    spoilt[i] = spoilt[i] == 'A' ? 'B' : 'A';
    // A made-up position is harmless: what may be seen is asked each time.
    const auto answer = f.list("page_token=" + spoilt);
    CHECK((answer.status == 200 || answer.code() == "INVALID_PAGE_TOKEN"));
  }
}

TEST_CASE("who does not want the count is spared it") {
  Fixture f;
  const auto page = f.list("count=false&page_size=2");
  CHECK(page.keys() == Keys{"messages", "next_page_token"});
  CHECK(f.list("count=true&page_size=2").keys() == Keys{"messages", "next_page_token", "total_count"});
  CHECK(f.list("count=maybe").code() == "INVALID_REQUEST");
}

TEST_CASE("a page has 20 messages unless it says so, and at most 100") {
  Fixture f;
  while (f.arrived < 130) f.arrive();
  CHECK(f.list("").body["messages"].size() == 20);
  CHECK(f.list("page_size=1000").body["messages"].size() == 100);
  CHECK(f.list("").body["total_count"] == 130);
  CHECK(f.list("page_size=-1").code() == "INVALID_REQUEST");
  CHECK(f.list("page_size=x").code() == "INVALID_REQUEST");
}
