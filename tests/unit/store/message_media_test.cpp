#include "daemon/store/message_media.h"

#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

using test::at;

struct Media : test::MemoryStore {
  Media() { sessions::insert(db, test::session_row("ses_a")); }

  std::int64_t add(const std::string& id, MediaState state = MediaState::PENDING) {
    MessageRow message = test::inbound_row(id);
    message.fields = R"({"media":{"status":"pending"}})";
    MessageMediaRow row;
    row.message = messages::insert(db, message);
    row.session = "ses_a";
    row.state = state;
    row.kind = "image";
    row.mimetype = "image/jpeg";
    row.filename = "struk.jpg";
    row.url = "https://mmg.whatsapp.net/x";
    row.direct_path = "/v/t62/x";
    row.media_key = Bytes(32, 1);
    row.sha256 = Bytes(32, 2);
    row.enc_sha256 = Bytes(32, 3);
    row.length = 70'000;
    row.key_time = at(1);
    row.stored_at = state == MediaState::STORED ? std::optional(at(2)) : std::nullopt;
    row.next_attempt_at = at(10);
    row.facts = R"({"width":640})";
    row.thumbnail = Bytes(10, 4);
    row.waveform = Bytes(64, 5);
    message_media::put(db, row);
    return row.message;
  }
  MessageMediaRow get(std::int64_t message) { return *message_media::find(db, message); }
  std::string fields(const std::string& id) { return messages::find(db, id)->fields; }
};

TEST_CASE("the media of a message come back as they were stored") {
  Media store;
  const auto row = store.get(store.add("msg_1"));
  CHECK(row.state == MediaState::PENDING);
  CHECK(row.kind == "image");
  CHECK(row.filename == "struk.jpg");
  CHECK(row.direct_path == "/v/t62/x");
  CHECK(row.media_key == Bytes(32, 1));
  CHECK(row.enc_sha256 == Bytes(32, 3));
  CHECK(row.length == 70'000);
  CHECK(row.key_time == at(1));
  CHECK_FALSE(row.stored_at);
  CHECK(row.facts == R"({"width":640})");
  CHECK(row.waveform == Bytes(64, 5));
}

TEST_CASE("media wait until they are due, then become stored or failed, and the message says so") {
  Media store;
  const auto first = store.add("msg_1"), second = store.add("msg_2");
  CHECK(message_media::due(store.db, "ses_a", at(9), 10).empty());
  CHECK(message_media::next_due_at(store.db, "ses_a") == at(10));
  message_media::postpone(store.db, first, "timeout", at(30));
  const auto due = message_media::due(store.db, "ses_a", at(10), 10);
  REQUIRE(due.size() == 1);
  CHECK(due[0].message == second);
  CHECK(store.get(first).attempts == 1);

  message_media::set_stored(store.db, first, Bytes(32, 9), 71'000, at(31));
  message_media::set_failed(store.db, second, "gone");
  CHECK(store.get(first).state == MediaState::STORED);
  CHECK(store.get(first).sha256 == Bytes(32, 9));
  CHECK(store.get(second).error == "gone");
  CHECK(store.fields("msg_1") == R"({"media":{"status":"stored"}})");
  CHECK(store.fields("msg_2") == R"({"media":{"status":"failed"}})");
  CHECK_FALSE(message_media::next_due_at(store.db, "ses_a"));

  message_media::set_failed(store.db, first, "too late to change");
  CHECK(store.get(first).state == MediaState::STORED);
}

TEST_CASE("a new path makes media due at once") {
  Media store;
  const auto message = store.add("msg_1");
  message_media::set_direct_path(store.db, message, "/v/new", at(3));
  REQUIRE(message_media::due(store.db, "ses_a", at(3), 10).size() == 1);
  CHECK(store.get(message).direct_path == "/v/new");
}

TEST_CASE("a file is unused when the last message that has it has expired") {
  Media store;
  store.add("msg_1", MediaState::STORED);
  store.add("msg_2", MediaState::STORED);
  const auto first = message_media::expire(store.db, at(3), 1);
  REQUIRE(first.size() == 1);
  CHECK_FALSE(first[0].is_unused);
  const auto second = message_media::expire(store.db, at(3), 10);
  REQUIRE(second.size() == 1);
  CHECK(second[0].is_unused);
  CHECK(second[0].sha256 == Bytes(32, 2));
  CHECK(store.fields("msg_2") == R"({"media":{"status":"expired"}})");
}

TEST_CASE("what came with a message goes with it") {
  Media store;
  const auto message = store.add("msg_1");
  message_wire::put(store.db, message, Bytes{1, 2, 3});
  CHECK(message_wire::find(store.db, message) == Bytes{1, 2, 3});
  sessions::erase(store.db, "ses_a");
  CHECK_FALSE(message_media::find(store.db, message));
  CHECK_FALSE(message_wire::find(store.db, message));
}

}  // namespace
}  // namespace konekwa::store
