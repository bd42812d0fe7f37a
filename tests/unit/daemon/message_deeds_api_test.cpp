// Reactions, edits and deletions: messages of their own about one that is there.
#include <catch2/catch.hpp>

#include "daemon/store/messages.h"
#include "tests/unit/daemon/api_fixture.h"

namespace konekwa {
namespace {

using store::MessageState;
using test::Answer;
using test::ApiFixture;

struct Fixture : ApiFixture {
  const std::string key = new_token(R"({"name":"a"})");
  const std::string session = new_session(key);

  // A message in this state, of this chat.
  std::string message(MessageState state, const std::string& chat = "6281234567890@s.whatsapp.net",
                      const std::string& type = "text") {
    store::MessageRow row;
    row.id = "msg_" + std::to_string(++made_);
    row.tenant = "default";
    row.session = session;
    row.outbound = state != MessageState::RECEIVED;
    row.state = state;
    row.chat_id = chat;
    row.message_type = type;
    if (row.outbound) row.recipient = "6281234567890";
    else row.sender = "6289876543210";
    row.wa_message_id = "WA" + std::to_string(made_);
    row.created_at = loop.now();
    row.sent_at = loop.now();
    store::messages::insert(store.db, row);
    return row.id;
  }
  Answer react(const std::string& id, const std::string& emoji) {
    return with_key(key, "POST", "/v1/messages/" + id + "/react", Json{{"emoji", emoji}}.dump());
  }
  Answer edit(const std::string& id, const std::string& content) {
    return with_key(key, "PATCH", "/v1/messages/" + id, Json{{"content", content}}.dump());
  }
  Answer erase(const std::string& id, const std::string& query = {}) {
    return with_key(key, "DELETE", "/v1/messages/" + id + query);
  }
  store::MessageRow row_of(const Answer& accepted) {
    INFO(accepted.raw);
    REQUIRE(accepted.status == 202);
    CHECK(accepted.keys() == std::vector<std::string>{"message_id", "status", "queued_at"});
    return *store::messages::find(store.db, accepted.body["message_id"]);
  }

 private:
  int made_ = 0;
};

TEST_CASE("a reaction is a message that names its target", "[deeds]") {
  Fixture f;
  const std::string id = f.message(MessageState::RECEIVED, "6289876543210@s.whatsapp.net");
  const store::MessageRow row = f.row_of(f.react(id, "\xf0\x9f\x91\x8d"));
  CHECK(row.message_type == "reaction");
  CHECK(row.content == "\xf0\x9f\x91\x8d");
  CHECK(row.recipient == "6289876543210");
  CHECK(row.chat_id == "6289876543210@s.whatsapp.net");
  CHECK(row.state == MessageState::QUEUED);
  CHECK(Json::parse(row.fields) ==
        Json{{"target", {{"message_id", id}, {"wa_message_id", "WA1"}, {"from_me", false}}}});
  CHECK(f.row_of(f.react(id, "")).content.empty());
}

TEST_CASE("in a group the author of the target is named too", "[deeds]") {
  Fixture f;
  const std::string group = "120363012345678901@g.us";
  const store::MessageRow theirs = f.row_of(f.react(f.message(MessageState::RECEIVED, group), "x"));
  CHECK(Json::parse(theirs.fields)["target"]["participant"] == "6289876543210@s.whatsapp.net");
  CHECK(theirs.recipient == group);
  const store::MessageRow own = f.row_of(f.react(f.message(MessageState::READ, group), "x"));
  CHECK_FALSE(Json::parse(own.fields)["target"].contains("participant"));
}

TEST_CASE("what is no message, or not sent yet, takes no reaction", "[deeds]") {
  Fixture f;
  CHECK(f.react("msg_none", "x").code() == "MESSAGE_NOT_FOUND");
  CHECK(f.react(f.message(MessageState::QUEUED), "x").code() == "CONFLICT");
  CHECK(f.react(f.message(MessageState::SENT, "6281234567890@s.whatsapp.net", "reaction"), "x").code() == "CONFLICT");
  const std::string id = f.message(MessageState::SENT);
  CHECK(f.react(id, std::string(65, 'x')).code() == "INVALID_REQUEST");
  CHECK(f.with_key(f.key, "POST", "/v1/messages/" + id + "/react", "{}").details() == "Field 'emoji' is required");
  const std::string other = f.new_token(R"({"name":"b","tenant":"other"})");
  CHECK(f.with_key(other, "POST", "/v1/messages/" + id + "/react", R"({"emoji":"x"})").code() == "MESSAGE_NOT_FOUND");
}

TEST_CASE("an edit carries the new text, and comes in time", "[deeds]") {
  Fixture f;
  const std::string id = f.message(MessageState::DELIVERED);
  const store::MessageRow row = f.row_of(f.edit(id, "Halo, Budi"));
  CHECK(row.message_type == "edit");
  CHECK(row.content == "Halo, Budi");
  CHECK(Json::parse(row.fields)["target"]["from_me"] == true);
  CHECK(f.edit(id, "").code() == "INVALID_REQUEST");
  CHECK(f.edit(f.message(MessageState::RECEIVED), "x").code() == "CONFLICT");
  CHECK(f.edit(f.message(MessageState::QUEUED), "x").code() == "CONFLICT");
  CHECK(f.edit(f.message(MessageState::SENT, "6281234567890@s.whatsapp.net", "image"), "x").code() == "CONFLICT");
  f.loop.advance(minutes(16));
  CHECK(f.edit(id, "Halo").code() == "CONFLICT");
}

TEST_CASE("what waits is cancelled, what was sent is revoked", "[deeds]") {
  Fixture f;
  const Answer cancelled = f.erase(f.message(MessageState::QUEUED));
  CHECK(cancelled.status == 200);
  CHECK(cancelled.body["status"] == "CANCELLED");
  const store::MessageRow row = f.row_of(f.erase(f.message(MessageState::READ)));
  CHECK(row.message_type == "revoke");
  CHECK(Json::parse(row.fields)["target"]["wa_message_id"] == "WA2");
  CHECK(f.erase(f.message(MessageState::READ), "?revoke=false").code() == "MESSAGE_ALREADY_SENT");
  CHECK(f.erase(f.message(MessageState::QUEUED), "?revoke=false").status == 200);
  CHECK(f.erase(f.message(MessageState::QUEUED), "?revoke=no").code() == "INVALID_REQUEST");
  CHECK(f.erase(f.message(MessageState::SENDING)).code() == "MESSAGE_ALREADY_SENT");
  CHECK(f.erase(f.message(MessageState::RECEIVED)).code() == "MESSAGE_ALREADY_SENT");
}

TEST_CASE("a session that is logged out takes no deeds", "[deeds]") {
  Fixture f;
  const std::string id = f.message(MessageState::SENT);
  f.set_status(f.session, store::SessionStatus::LOGGED_OUT);
  CHECK(f.react(id, "x").code() == "SESSION_NOT_ACTIVE");
  CHECK(f.erase(id).code() == "SESSION_NOT_ACTIVE");
}

}  // namespace
}  // namespace konekwa
