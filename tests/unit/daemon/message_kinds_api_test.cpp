// What a message may have beside its content: uploads, answers, mentions, contacts.
#include <catch2/catch.hpp>

#include "daemon/store/devices.h"
#include "daemon/store/messages.h"
#include "daemon/store/uploads.h"
#include "tests/unit/daemon/api_fixture.h"

namespace konekwa {
namespace {

using test::Answer;
using test::ApiFixture;

const std::string kVcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Toko\nEND:VCARD";

struct Fixture : ApiFixture {
  const std::string key = new_token(R"({"name":"a"})");
  const std::string session = new_session(key);

  Answer send(const Json& more, const std::string& with = {}) {
    Json body = Json::parse(test::message_body(session));
    body.update(more);
    return with_key(with.empty() ? key : with, "POST", "/v1/messages", body.dump());
  }
  Json fields_of(const Answer& accepted) {
    INFO(accepted.raw);
    REQUIRE(accepted.status == 202);
    return Json::parse(store::messages::find(store.db, accepted.body["message_id"])->fields);
  }
  std::string upload(const std::string& with) {
    const Answer made = ask({"POST", "/v1/media", "octets", with, false, {}});
    REQUIRE(made.status == 201);
    return made.body["media_url"];
  }
  std::string received(const std::string& chat, const std::string& lid = {}) {
    store::MessageRow row;
    row.id = "msg_in" + std::to_string(++made_);
    row.tenant = "default";
    row.session = session;
    row.outbound = false;
    row.state = store::MessageState::RECEIVED;
    row.chat_id = chat;
    row.sender_lid = lid;
    row.wa_message_id = "3A" + std::to_string(made_);
    row.created_at = loop.now();
    store::messages::insert(store.db, row);
    return row.id;
  }

 private:
  int made_ = 0;
};

TEST_CASE("an upload is sent by its URL, and is kept until the message has gone", "[kinds]") {
  Fixture f;
  const std::string url = f.upload(f.key);
  const Json fields = f.fields_of(f.send({{"message_type", "image"}, {"media_url", url}, {"expires_in", "60d"}}));
  CHECK(fields == Json{{"media_url", url}});
  const std::string id = url.substr(url.rfind('/') + 1);
  CHECK(store::uploads::find(f.store.db, id)->expires_at > f.loop.now() + hours(24 * 60));
}

TEST_CASE("an upload that is not there, or not theirs, cannot be sent", "[kinds]") {
  Fixture f;
  const std::string foreign = f.upload(f.new_token(R"({"name":"b","tenant":"other"})"));
  for (const std::string& url : {foreign, std::string("konekwa://media/med_none"), std::string("konekwa://media/../a"),
                                 std::string("konekwa:med_a")}) {
    const Answer refused = f.send({{"message_type", "image"}, {"media_url", url}});
    CHECK(refused.status == 400);
    CHECK(refused.code() == "INVALID_MEDIA_URL");
    CHECK(refused.details().find("media_url") != std::string::npos);
  }
}

TEST_CASE("an admin sends any upload", "[kinds]") {
  Fixture f;
  Json body = Json::parse(test::message_body(f.session));
  body.update({{"message_type", "document"}, {"media_url", f.upload(f.key)}});
  CHECK(f.admin("POST", "/v1/messages", body.dump()).status == 202);
}

TEST_CASE("an answer names a message of its chat, by either id", "[kinds]") {
  Fixture f;
  const std::string id = f.received("6281234567890@s.whatsapp.net", "77@lid");
  CHECK(f.fields_of(f.send({{"reply_to", id}})) == Json{{"reply_to", id}});
  CHECK(f.fields_of(f.send({{"reply_to", "3A1"}})) == Json{{"reply_to", id}});
  CHECK(f.fields_of(f.send({{"reply_to", id}, {"recipient", "77@lid"}})) == Json{{"reply_to", id}});
  const std::string own = f.send(Json::object()).body["message_id"];
  CHECK(f.fields_of(f.send({{"reply_to", own}})) == Json{{"reply_to", own}});
}

TEST_CASE("an answer finds its message under the other name of the chat", "[kinds]") {
  Fixture f;
  const std::string own = f.send(Json::object()).body["message_id"];
  CHECK(f.send({{"reply_to", own}, {"recipient", "77@lid"}}).code() == "INVALID_REQUEST");
  store::devices::put_lid(f.store.db, f.session, "77", "6281234567890");
  CHECK(f.fields_of(f.send({{"reply_to", own}, {"recipient", "77@lid"}})) == Json{{"reply_to", own}});
}

TEST_CASE("an answer to what is not in the chat is refused", "[kinds]") {
  Fixture f;
  const std::string elsewhere = f.received("120363012345678901@g.us");
  for (const std::string& id : {elsewhere, std::string("msg_none"), std::string(200, 'x')}) {
    const Answer refused = f.send({{"reply_to", id}});
    CHECK(refused.code() == "INVALID_REQUEST");
    CHECK((refused.raw.find("'reply_to'") != std::string::npos));
  }
  CHECK(f.send({{"reply_to", elsewhere}, {"recipient", "120363012345678901@g.us"}}).status == 202);
}

TEST_CASE("mentions are written as recipients are", "[kinds]") {
  Fixture f;
  const Json fields = f.fields_of(f.send({{"mentions", {"0812-3456-789", "77@lid", "+62 898 7654 3210"}}}));
  CHECK(fields["mentions"] == Json{"628123456789", "77@lid", "6289876543210"});
  const Answer wrong = f.send({{"mentions", {"628123456789", "Budi"}}});
  CHECK(wrong.code() == "INVALID_RECIPIENT");
  CHECK(wrong.details().find("mentions[1]") != std::string::npos);
  CHECK(f.send({{"mentions", {"120363012345678901@g.us"}}}).code() == "INVALID_RECIPIENT");
  CHECK(f.send({{"mentions", "628123456789"}}).code() == "INVALID_REQUEST");
}

TEST_CASE("contacts stand in either field, or in both", "[kinds]") {
  Fixture f;
  const Json both = f.fields_of(
      f.send({{"message_type", "contact"}, {"vcard_data", kVcard}, {"contacts", {kVcard, kVcard}}}));
  CHECK(both == Json{{"vcard_data", kVcard}, {"contacts", {kVcard, kVcard}}});
  const Json list = f.fields_of(f.send({{"message_type", "contact"}, {"contacts", {kVcard, kVcard}}}));
  CHECK(list.size() == 1);
  const Answer wrong = f.send({{"message_type", "contact"}, {"contacts", {kVcard, "Toko"}}});
  CHECK(wrong.details().find("contacts[1]") != std::string::npos);
  CHECK(f.send({{"message_type", "contact"}, {"contacts", Json::array()}}).code() == "INVALID_REQUEST");
}

TEST_CASE("what else a type may have is kept under its name", "[kinds]") {
  Fixture f;
  const Json place = {{"latitude", 1.5}, {"longitude", 2.5}, {"name", "Toko"}, {"address", "Jl. Merdeka 1"}};
  Json location = {{"message_type", "location"}};
  location.update(place);
  CHECK(f.fields_of(f.send(location)) == place);
  const Json voice = {{"message_type", "audio"}, {"media_url", "https://toko.example/a.ogg"}, {"voice", true}};
  CHECK(f.fields_of(f.send(voice))["voice"] == true);
  for (const bool wanted : {false, true}) {
    CHECK(f.fields_of(f.send({{"link_preview", wanted}})) == Json{{"link_preview", wanted}});
  }
  CHECK(f.send({{"message_type", "audio"}, {"media_url", "https://toko.example/a.ogg"}, {"voice", "yes"}}).code() ==
        "INVALID_REQUEST");
  CHECK(f.send({{"voice", true}}).headers.at("X-Konekwa-Warnings") == "unknown field voice");
}

}  // namespace
}  // namespace konekwa
