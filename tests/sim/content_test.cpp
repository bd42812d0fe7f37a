// What messages hold, over the whole stack and on virtual time: previews, edits, timers, answers.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "common/log.h"
#include "daemon/events/event_log.h"
#include "daemon/store/chat_timers.h"
#include "daemon/store/message_media.h"
#include "daemon/store/messages.h"
#include "daemon/wa/content.h"
#include "tests/sim/checkers.h"

using namespace konekwa;
using nlohmann::json;
using State = store::MessageState;

namespace {

struct Rig {
  explicit Rig(const media_probe::MediaFacts& facts = {}) {
    log::set_level(log::Level::Off);
    world.media_facts = facts;
    world.restart_cleanly();
    world.pair();
  }

  sim::World world{{}};
  const std::string& contact = world.contacts[0];
  const std::string chat = contact + "@s.whatsapp.net";

  store::MessageRow message(const std::string& text) {
    std::string id;
    world.disk().query("SELECT id FROM messages WHERE content = ? AND session = ? ORDER BY sequence DESC LIMIT 1",
                       {text, sim::kSession},
                       [&](const store::Row& row) { id = row.text(0); });
    return store::messages::find(world.disk(), id).value_or(store::MessageRow{});
  }
  store::MessageRow row(const std::string& id) { return *store::messages::find(world.disk(), id); }
  bool wait_for(const std::string& text, State state, Duration limit = minutes(5)) {
    return world.loop.run_until([&] { return message(text).state == state; }, limit);
  }
  // The newest message on the phone, as the sandbox describes it.
  json last_shown() {
    const auto answer = world.network->admin("GET", "/admin/accounts/" + contact + "/inbox", "");
    return json::parse(answer.body)["messages"].back();
  }
  std::string say(json what, const std::string& from = {}) {
    what["to"] = from.empty() ? world.own_number : contact;
    const std::string path = "/admin/accounts/" + (from.empty() ? contact : from) + "/say";
    const auto answer = world.network->admin("POST", path, what.dump());
    INFO(answer.body);
    REQUIRE(answer.status < 300);
    world.loop.advance(seconds(10));
      return json::parse(answer.body)["id"];
  }
  bool is_sound() { return world.drain(hours(1)) && sim::check(world).empty(); }
};

constexpr const char* kWantsPreview = R"({"link_preview":true})";

std::optional<wa::LinkPreview> preview_of(Rig& rig, const std::string& text) {
  const auto wire = store::message_wire::find(rig.world.disk(), rig.message(text).sequence);
  const auto content = wire ? wa::parse_content(*wire) : Result<wa::Content>();
  return content ? content->preview : std::nullopt;
}

}  // namespace

TEST_CASE("a text that asks for it goes out with a preview of its link, kept for devices that ask again") {
  media_probe::MediaFacts facts;
  facts.mimetype = "image/png";
  facts.thumbnail = to_bytes(as_bytes("a thumbnail"));
  Rig rig(facts);
  rig.world.receiver.pages["https://toko.example/a"] =
      "<title>x</title><meta property=og:title content='Toko &amp; Teman'>"
      "<meta property=og:description content='Batik'><meta property=og:image content='/p.png'>";
  rig.world.receiver.pages["https://toko.example/p.png"] = "a picture";
  const std::string text = "look: https://toko.example/a.";
  rig.world.accept_with(rig.contact, text, kWantsPreview);
  CHECK(rig.wait_for(text, State::DELIVERED));
  const auto preview = preview_of(rig, text);
  REQUIRE(preview);
  CHECK(preview->matched_text == "https://toko.example/a");
  CHECK(preview->title == "Toko & Teman");
  CHECK(preview->description == "Batik");
  CHECK(as_text(preview->thumbnail) == "a thumbnail");
  CHECK(rig.last_shown()["preview"]["title"] == "Toko & Teman");
  CHECK(rig.is_sound());
}

TEST_CASE("a preview that cannot be made costs a message nothing") {
  Rig rig;
  rig.world.receiver.pages["https://toko.example/file"] = "not HTML";
  rig.world.receiver.pages["https://toko.example/untitled"] = "<p>no title";
  rig.world.receiver.pages["https://toko.example/no-picture"] =
      "<title>Toko</title><meta property=og:image content='https://toko.example/gone.png'>";
  for (const std::string text : {"https://toko.example/gone", "https://toko.example/file",
                                 "https://toko.example/untitled", "no link", "https://toko.example/no-picture"}) {
    INFO(text);
    rig.world.accept_with(rig.contact, text, kWantsPreview);
    CHECK(rig.wait_for(text, State::DELIVERED, seconds(9)));
    CHECK(preview_of(rig, text).has_value() == (text == "https://toko.example/no-picture"));
  }
  rig.world.accept(rig.contact, "https://toko.example/no-picture unasked");
  CHECK(rig.wait_for("https://toko.example/no-picture unasked", State::DELIVERED));
  CHECK_FALSE(preview_of(rig, "https://toko.example/no-picture unasked"));
  CHECK(rig.is_sound());
}

namespace {

// As the API makes one.
void do_to(Rig& rig, const char* type, const store::MessageRow& target, const std::string& text) {
  const json fields = {{"target", {{"message_id", target.id}, {"wa_message_id", target.wa_message_id},
                                   {"from_me", true}}}};
  rig.world.accept_with(rig.contact, text, fields.dump(), type);
}

}  // namespace

TEST_CASE("an edit or a deletion of ours changes the row that it is about, once WhatsApp has it") {
  Rig rig;
  rig.world.accept(rig.contact, "one");
  CHECK(rig.wait_for("one", State::DELIVERED));
  const auto original = rig.message("one");
  do_to(rig, "edit", original, "two");
  CHECK(rig.row(original.id).content == "one");
  CHECK(rig.world.loop.run_until([&] { return rig.row(original.id).content == "two"; }, minutes(5)));
  CHECK(events::message_json(rig.row(original.id)).contains("edited_at"));
  CHECK(rig.row(original.id).state == State::DELIVERED);
  do_to(rig, "revoke", original, "");
  const auto is_revoked = [&] { return events::message_json(rig.row(original.id)).contains("revoked_at"); };
  CHECK(rig.world.loop.run_until(is_revoked, minutes(5)));
}

TEST_CASE("an edit and a deletion from the own phone change the row too") {
  Rig rig;
  const std::string id = rig.say({{"text", "from the phone"}}, rig.world.own_number);
  const auto original = rig.message("from the phone");
  REQUIRE(original.outbound);
  rig.say({{"kind", "edit"}, {"target", id}, {"text", "better"}}, rig.world.own_number);
  CHECK(rig.row(original.id).content == "better");
  CHECK(events::message_json(rig.row(original.id)).contains("edited_at"));
  rig.say({{"kind", "revoke"}, {"target", id}}, rig.world.own_number);
  CHECK(events::message_json(rig.row(original.id)).contains("revoked_at"));
}

TEST_CASE("what the other side edits is found under either name of the chat") {
  Rig rig;
  const std::string id = rig.say({{"text", "one"}});
  const auto original = rig.message("one");
  rig.world.disk().execute("UPDATE messages SET chat_id = sender_lid WHERE id = ?", {original.id});
  rig.say({{"kind", "edit"}, {"target", id}, {"text", "two"}});
  CHECK(rig.row(original.id).content == "two");
}

TEST_CASE("an answer quotes a message that is kept under the other name of the chat") {
  Rig rig;
  const std::string id = rig.say({{"text", "asked"}});
  const auto asked = rig.message("asked");
  REQUIRE(asked.sender_lid.ends_with("@lid"));
  for (const std::string& kept_under : {asked.chat_id, asked.sender_lid}) {
    INFO(kept_under);
    rig.world.disk().execute("UPDATE messages SET chat_id = ? WHERE id = ?", {kept_under, asked.id});
    rig.world.accept_with(rig.contact, "answer to " + kept_under, json{{"reply_to", asked.id}}.dump());
    CHECK(rig.wait_for("answer to " + kept_under, State::DELIVERED));
    CHECK(rig.last_shown()["quote"] == id);
  }
}

TEST_CASE("what is sent to a chat with a timer disappears as everything there does") {
  Rig rig;
  rig.world.accept(rig.contact, "stays");
  CHECK(rig.wait_for("stays", State::DELIVERED));
  CHECK_FALSE(rig.last_shown().contains("expiration_s"));
  rig.say({{"text", "a day"}, {"expiration_s", 86400}});
  rig.say({{"text", "from a program that knows no timers"}});
  rig.world.restart_cleanly();
  rig.world.accept(rig.contact, "goes");
  CHECK(rig.wait_for("goes", State::DELIVERED));
  CHECK(rig.last_shown()["expiration_s"] == 86400);
  // The owner sets another one, on the phone.
  rig.say({{"text", "a week"}, {"expiration_s", 604800}}, rig.world.own_number);
  rig.world.accept(rig.contact, "goes later");
  CHECK(rig.wait_for("goes later", State::DELIVERED));
  CHECK(rig.last_shown()["expiration_s"] == 604800);
  CHECK(rig.is_sound());
}

TEST_CASE("a later setting of a chat's timer holds, in whatever order they come") {
  Rig rig;
  store::Database& db = rig.world.disk();
  const auto find = [&] { return store::chat_timers::find(db, sim::kSession, "1@lid"); };
  CHECK_FALSE(find());
  store::chat_timers::put(db, sim::kSession, "1@lid", {86400, 0});
  store::chat_timers::put(db, sim::kSession, "1@lid", {604800, 2000});
  store::chat_timers::put(db, sim::kSession, "1@lid", {86400, 1000});
  CHECK(find() == store::ChatTimer{604800, 2000});
  store::chat_timers::put(db, sim::kSession, "1@lid", {0, 3000});
  CHECK(find() == store::ChatTimer{0, 3000});
}

TEST_CASE("with auto_typing the other side sees somebody type for as long as the text would take", "[switches]") {
  Rig rig;
  const std::string other = rig.world.pair_another("ses_2");
  const std::string text(60, 'x');   // four seconds
  const auto heard = [&] { return rig.world.liveness("ses_2").last_frame_at; };
  const auto arrived = [&] {
    return rig.world.disk().integer("SELECT count(*) FROM messages WHERE session = 'ses_2'") > 0;
  };
  rig.world.set_switches(false, true);
  rig.world.accept(other, "?");      // so that what is fetched first is fetched
  REQUIRE(rig.world.loop.run_until(arrived, minutes(1)));
  rig.world.loop.advance(minutes(1));
  const auto before = heard();
  REQUIRE(rig.world.loop.run_until([&] { return heard() != before; }, minutes(1)));   // the server's ping: silence now
  rig.world.loop.advance(milliseconds(500));
  const Time begun = rig.world.loop.now();
  rig.world.accept(other, text);
  rig.world.loop.advance(seconds(1));
  CHECK(heard() > begun);
  CHECK(rig.message(text).state == State::QUEUED);
  CHECK(rig.wait_for(text, State::DELIVERED));
  CHECK(rig.world.loop.now() - begun >= Duration(seconds(4)));
  CHECK(rig.world.loop.now() - begun < Duration(seconds(6)));

  rig.world.set_switches(false, false);   // heard of without a new connection
  const std::string quick(60, 'y');
  rig.world.accept(other, quick);
  CHECK(rig.wait_for(quick, State::DELIVERED, seconds(2)));
}

TEST_CASE("auto_read holds from the next message on", "[switches]") {
  Rig rig;
  const auto is_read = [&](const std::string& id) {
    const auto answer = rig.world.network->admin("GET", "/admin/accounts/" + rig.contact + "/sent", "");
    const json all = json::parse(answer.body);
    for (const json& sent : all["messages"]) {
      if (sent["id"] != id) continue;
      for (const json& tick : sent["receipts"]) {
        if (tick["type"] == "read") return true;
      }
    }
    return false;
  };
  CHECK_FALSE(is_read(rig.say({{"text", "one"}})));
  rig.world.set_switches(true, false);
  CHECK(is_read(rig.say({{"text", "two"}})));
  rig.world.set_switches(false, false);
  CHECK_FALSE(is_read(rig.say({{"text", "three"}})));
}

TEST_CASE("files that never come hold nobody up", "[media]") {
  Rig rig;
  for (int i = 0; i < 6; ++i) {
    const std::string text = "image " + std::to_string(i);
    rig.say({{"text", text}});
    store::MessageMediaRow media;
    media.message = rig.message(text).sequence;
    media.session = sim::kSession;
    media.kind = "image";
    media.direct_path = "/v/t62.7118-24/image";
    media.media_key = media.sha256 = media.enc_sha256 = Bytes(32, 1);
    media.next_attempt_at = rig.world.loop.now();
    store::message_media::put(rig.world.disk(), media);
  }
  rig.world.cdn.hangs = 6;
  rig.world.restart_cleanly();
  rig.world.loop.advance(minutes(1));
  CHECK(rig.world.cdn.hangs == 0);   // each was asked for
}
