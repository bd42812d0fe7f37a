// Groups over the whole stack and on virtual time: our session, phones of the sandbox, and the server between them.
#include <catch2/catch.hpp>

#include <set>

#include <nlohmann/json.hpp>

#include "common/log.h"
#include "daemon/events/event_log.h"
#include "daemon/store/devices.h"
#include "daemon/store/groups.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"
#include "daemon/wa/signal/signal_state.h"
#include "tests/sim/world.h"

using namespace konekwa;
using State = store::MessageState;

namespace {

// Two contacts and we, in a group that the first one has made.
struct Rig {
  explicit Rig(sim::WorldOptions options = {}) : world(options) {
    log::set_level(log::Level::Off);
    world.pair();
  }

  // Returns when we have heard of it.
  void make_group(const std::string& more = "", const std::string& mode = "lid") {
    nlohmann::json body = {{"subject", "Arisan"}, {"creator", ana}, {"addressing_mode", mode}};
    body["members"] = {world.own_number, budi};
    if (!more.empty()) body["members"].push_back(more);
    const auto answer = world.network->admin("POST", "/admin/groups", body.dump());
    INFO(answer.body);
    REQUIRE(answer.status < 300);
    const std::string id = nlohmann::json::parse(answer.body)["id"];
    group = id.find('@') == std::string::npos ? id + "@g.us" : id;
    world.loop.advance(minutes(1));
  }

  void change(const char* action, const std::string& number) {
    const nlohmann::json body = {{"numbers", {number}}};
    const auto answer = world.network->admin("POST", "/admin/groups/" + group + "/" + action, body.dump());
    INFO(answer.body);
    REQUIRE(answer.status < 300);
    world.loop.advance(minutes(1));
  }

  std::string say(const std::string& from, const std::string& text) {
    const auto id = world.network->say(from, group, text);
    REQUIRE(id);
    return *id;
  }

  store::MessageRow message(const std::string& text, const std::string& session = sim::kSession) {
    std::string id;
    world.disk().query("SELECT id FROM messages WHERE content = ? AND session = ?", {text, session},
                       [&](const store::Row& row) { id = row.text(0); });
    return store::messages::find(world.disk(), id).value_or(store::MessageRow{});
  }
  bool wait_for(const std::string& text, State state, const std::string& session = sim::kSession) {
    return world.loop.run_until(
        [&] { return message(text, session).id != "" && message(text, session).state == state; }, minutes(5));
  }
  void send(const std::string& text) {
    world.accept(group, text);
    REQUIRE(wait_for(text, State::DELIVERED));
    world.loop.advance(minutes(1));
  }

  std::vector<std::string> texts_of(const std::string& number) {
    std::vector<std::string> out;
    for (const auto& seen : world.network->inbox(number)) out.push_back(seen.text);
    return out;
  }
  std::size_t holders() { return store::groups::key_holders(world.disk(), sim::kSession, group).size(); }
  bool is_clean() {
    for (const std::string& violation : world.network->violations()) UNSCOPED_INFO(violation);
    return world.network->violations().empty();
  }

  sim::World world;
  const std::string ana = world.contacts[0], budi = world.contacts[1];
  std::string group;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a message to a group reaches everybody, and each counts", "[groups]") {
  Rig rig;
  rig.make_group("", GENERATE("lid", "pn"));
  rig.send("hello");
  CHECK(rig.texts_of(rig.ana) == Texts{"hello"});
  CHECK(rig.texts_of(rig.budi) == Texts{"hello"});
  const auto own = rig.world.network->inbox(rig.world.own_number);
  REQUIRE(own.size() == 1);
  CHECK(own[0].from_me);
  CHECK(own[0].chat == rig.group);

  const auto row = rig.message("hello");
  CHECK(row.audience == 2);
  CHECK(row.receipts_delivered == 2);
  CHECK(row.receipts_read == 0);
  const auto receipts = events::message_json(row)["receipts"];
  CHECK(receipts["total"] == 2);
  CHECK(receipts["delivered"] == 2);
  CHECK(rig.holders() == 3);

  REQUIRE(rig.world.network->read(rig.budi, row.wa_message_id));
  CHECK(rig.wait_for("hello", State::READ));
  CHECK(rig.message("hello").receipts_read == 1);
  CHECK(rig.is_clean());
}

TEST_CASE("a message from a group says who wrote it", "[groups]") {
  Rig rig;
  rig.make_group();
  rig.say(rig.budi, "good morning");
  REQUIRE(rig.wait_for("good morning", State::RECEIVED));
  const auto row = rig.message("good morning");
  CHECK(row.chat_id == rig.group);
  CHECK(row.sender == rig.budi);
  CHECK(row.sender_lid.ends_with("@lid"));
  CHECK(row.recipient == rig.world.own_number);
  CHECK(events::message_json(row)["is_group"] == true);

  rig.say(rig.world.own_number, "from my phone");
  REQUIRE(rig.wait_for("from my phone", State::SENT));
  const auto own = rig.message("from my phone");
  CHECK(own.outbound);
  CHECK(own.source == "phone");
  CHECK(own.chat_id == rig.group);
  CHECK(own.recipient == rig.group);
  rig.world.loop.advance(minutes(1));
  CHECK(rig.is_clean());
}

TEST_CASE("two sessions and phones talk in one group", "[groups]") {
  Rig rig;
  const std::string other = rig.world.pair_another("ses_2");
  rig.make_group(other);
  rig.world.accept(rig.group, "from one");
  REQUIRE(rig.wait_for("from one", State::RECEIVED, "ses_2"));
  rig.world.accept_at("ses_2", rig.group, "from two");
  REQUIRE(rig.world.loop.run_until(
      [&] {
        return rig.world.disk().integer("SELECT count(*) FROM messages WHERE content = 'from two' AND outbound = 0") ==
               1;
      },
      minutes(5)));
  rig.say(rig.ana, "from a phone");
  REQUIRE(rig.wait_for("from a phone", State::RECEIVED, "ses_2"));
  REQUIRE(rig.wait_for("from a phone", State::RECEIVED));
  CHECK(rig.texts_of(rig.budi) == Texts{"from one", "from two", "from a phone"});
  CHECK(rig.is_clean());
}

TEST_CASE("who has left reads nothing more, and who comes reads on", "[groups]") {
  Rig rig;
  rig.make_group();
  rig.send("one");
  const auto key_rows = [&] {
    std::set<Bytes> rows;
    rig.world.disk().query("SELECT substr(value, 1, 12) FROM signal_rows WHERE kind = 3 AND session = 'ses_1'", {},
                           [&](const store::Row& row) { rows.insert(row.blob(0)); });
    return rows;
  };
  const auto before = key_rows();
  rig.change("remove", rig.budi);
  rig.send("two");
  CHECK(rig.texts_of(rig.budi) == Texts{"one"});
  CHECK(rig.texts_of(rig.ana) == Texts{"one", "two"});
  CHECK(key_rows() != before);
  CHECK(rig.holders() == 2);
  rig.change("add", rig.budi);
  rig.send("three");
  CHECK(rig.texts_of(rig.budi) == Texts{"one", "three"});
  CHECK(rig.holders() == 3);
  CHECK(rig.is_clean());
}

TEST_CASE("a device that lost our key asks, and gets message and key", "[groups]") {
  Rig rig;
  rig.make_group();
  rig.send("one");
  rig.world.disk().execute("DELETE FROM signal_rows WHERE kind = 3 AND session = 'ses_1'");
  rig.world.restart_cleanly();
  rig.send("two");
  CHECK(rig.texts_of(rig.ana) == Texts{"one", "two"});

  // We have lost the keys of others: they encrypt again for us.
  rig.say(rig.ana, "three");
  REQUIRE(rig.wait_for("three", State::RECEIVED));
  rig.world.loop.advance(minutes(1));
  rig.world.disk().execute("DELETE FROM signal_rows WHERE kind = 3 AND session = 'ses_1'");
  rig.world.restart_cleanly();
  rig.say(rig.ana, "four");
  CHECK(rig.wait_for("four", State::RECEIVED));
  rig.say(rig.ana, "five");
  CHECK(rig.wait_for("five", State::RECEIVED));
}

TEST_CASE("a key that nobody got although we thought so is asked for", "[groups]") {
  Rig rig;
  rig.make_group();
  rig.send("one");
  // Another key, and the same holders: what a lost commit at the other end amounts to.
  const auto everybody = store::groups::key_holders(rig.world.disk(), sim::kSession, rig.group);
  rig.change("remove", rig.budi);
  rig.change("add", rig.budi);
  rig.world.network->set_phone_online(rig.budi, false);
  rig.world.accept(rig.group, "two");
  REQUIRE(rig.wait_for("two", State::DELIVERED));
  rig.world.network->set_phone_online(rig.budi, true);
  rig.world.loop.advance(minutes(1));
  CHECK(rig.texts_of(rig.budi) == Texts{"one", "two"});
  CHECK(everybody.size() == 3);
  CHECK(rig.is_clean());
}

TEST_CASE("a message to a group that we are not in fails", "[groups]") {
  Rig rig;
  rig.make_group();
  rig.send("one");
  rig.change("remove", rig.world.own_number);
  CHECK_FALSE(store::groups::find(rig.world.disk(), sim::kSession, rig.group));
  rig.world.accept(rig.group, "two");
  REQUIRE(rig.wait_for("two", State::FAILED));
  CHECK(rig.message("two").error_code == "NOT_GROUP_MEMBER");
  CHECK(rig.texts_of(rig.ana) == Texts{"one"});
}

TEST_CASE("what the group is called and who is in it is kept true", "[groups]") {
  Rig rig;
  rig.make_group();
  const auto row = [&] { return store::groups::find(rig.world.disk(), sim::kSession, rig.group); };
  REQUIRE(row());
  CHECK(row()->subject == "Arisan");
  CHECK(row()->members.size() == 3);
  CHECK(row()->fetched_at);
  rig.world.network->admin("POST", "/admin/groups/" + rig.group + "/settings",
                           R"({"subject":"Baru","announcement":true,"ephemeral_s":86400})");
  rig.change("promote", rig.budi);
  CHECK(row()->subject == "Baru");
  CHECK(row()->is_announcement);
  CHECK(row()->ephemeral_s == 86400);
  const auto members = row()->members;
  CHECK(std::count_if(members.begin(), members.end(), [](const auto& one) { return one.role == "admin"; }) == 1);
  rig.change("remove", rig.budi);
  CHECK(row()->members.size() == 2);
}

TEST_CASE("a group survives a crash after any commit", "[groups]") {
  for (int commit = 1; commit <= 30; ++commit) {
    INFO(commit);
    sim::WorldOptions options;
    options.seed = 100 + static_cast<std::uint64_t>(commit);
    options.crash_after_commit = commit;
    Rig rig(options);
    rig.make_group();
    const auto is_up = [&] { return rig.world.status() == "CONNECTED"; };
    for (const char* text : {"one", "two", "three"}) {
      rig.world.loop.run_until(is_up, minutes(5));
      rig.world.loop.advance(seconds(20));
      rig.world.accept(rig.group, text);
      rig.say(rig.ana, std::string("re ") + text);
    }
    for (const char* text : {"one", "two", "three"}) {
      if (rig.message(text).id.empty()) continue;   // the crash was before it was accepted
      CHECK(rig.wait_for(text, State::DELIVERED));
      CHECK(rig.wait_for(std::string("re ") + text, State::RECEIVED));
    }
    rig.world.loop.advance(minutes(2));
    const auto texts = rig.texts_of(rig.budi);
    for (const char* text : {"one", "two", "three"}) {
      const bool was_accepted = !rig.message(text).id.empty();
      CHECK(std::count(texts.begin(), texts.end(), text) == (was_accepted ? 1 : 0));
      CHECK(std::count(texts.begin(), texts.end(), std::string("re ") + text) == 1);
    }
    CHECK(rig.is_clean());
  }
}

namespace {

// What the session knows of the group becomes what it was, as if the news of it had been lost.
void forget_news(Rig& rig, const store::GroupRow& before) {
  store::groups::put(rig.world.disk(), before);
  rig.world.restart_cleanly();
}

store::GroupRow known_group(Rig& rig) { return *store::groups::find(rig.world.disk(), sim::kSession, rig.group); }

void set(Rig& rig, const char* settings) {
  REQUIRE(rig.world.network->admin("POST", "/admin/groups/" + rig.group + "/settings", settings).status < 300);
  rig.world.loop.advance(minutes(1));
}

}  // namespace

TEST_CASE("where only admins write, a message fails with that reason until we are one", "[groups]") {
  Rig rig;
  rig.make_group();
  const auto before = known_group(rig);
  set(rig, R"({"announcement":true})");
  rig.world.accept(rig.group, "barred");
  REQUIRE(rig.wait_for("barred", State::FAILED));
  CHECK(rig.message("barred").error_code == "GROUP_ANNOUNCE_ONLY");
  CHECK(rig.message("barred").attempts == 0);
  CHECK(rig.is_clean());

  forget_news(rig, before);
  rig.world.accept(rig.group, "refused");   // by the server, and we learn why
  REQUIRE(rig.wait_for("refused", State::FAILED));
  CHECK(rig.message("refused").error_code == "GROUP_ANNOUNCE_ONLY");
  CHECK(rig.message("refused").attempts == 1);
  CHECK(known_group(rig).is_announcement);

  rig.change("promote", rig.world.own_number);
  rig.send("as an admin");
  CHECK(rig.texts_of(rig.ana) == Texts{"as an admin"});
}

TEST_CASE("whoever was removed without hearing of it learns it from the server's refusal", "[groups]") {
  Rig rig;
  rig.make_group();
  rig.send("one");
  const auto before = known_group(rig);
  rig.change("remove", rig.world.own_number);
  forget_news(rig, before);
  rig.world.accept(rig.group, "two");
  REQUIRE(rig.wait_for("two", State::FAILED));
  CHECK(rig.message("two").error_code == "NOT_GROUP_MEMBER");
  CHECK(rig.message("two").attempts == 1);
}

TEST_CASE("messages to a group that names people otherwise by now go again, in order and under their ids", "[groups]") {
  Rig rig;
  rig.make_group("", "lid");
  rig.send("one");
  auto other = known_group(rig);
  other.uses_lids = false;
  forget_news(rig, other);
  for (const char* text : {"two", "three", "four"}) rig.world.accept(rig.group, text);
  for (const char* text : {"two", "three", "four"}) CHECK(rig.wait_for(text, State::DELIVERED));
  CHECK(rig.message("two").attempts == 2);
  CHECK(rig.world.network->inbox(rig.ana)[1].id == rig.message("two").wa_message_id);
  CHECK(known_group(rig).uses_lids);
  CHECK(rig.texts_of(rig.ana) == Texts{"one", "two", "three", "four"});
  CHECK(rig.texts_of(rig.budi) == Texts{"one", "two", "three", "four"});
  rig.world.loop.advance(minutes(1));
  CHECK(rig.is_clean());
}

TEST_CASE("a message to a group with a timer carries it", "[groups]") {
  Rig rig;
  rig.make_group();
  set(rig, R"({"ephemeral_s":86400})");
  rig.send("one");
  const auto answer = rig.world.network->admin("GET", "/admin/accounts/" + rig.ana + "/inbox", "");
  CHECK(nlohmann::json::parse(answer.body)["messages"].back()["expiration_s"] == 86400);
}
