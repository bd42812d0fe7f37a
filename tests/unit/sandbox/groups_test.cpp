#include "tests/support/temp_dir.h"
#include "tests/unit/sandbox/village.h"

namespace konekwa::test {
namespace {

std::vector<std::string> members_of(const wa::Node& group) {
  std::vector<std::string> members;
  for (const wa::Node* one : group.children("participant")) members.push_back(one->attr("jid") + one->attr("type"));
  return members;
}

wa::Node metadata_query() { return wa::Node("query", {{"request", "interactive"}}); }

wa::Node sender_key_enc(std::uint8_t iteration, std::uint8_t octet = 7) {
  Bytes framed = {0x33, 0x08, 0x05, 0x10, iteration, 0x1a, 0x01, octet};
  framed.resize(framed.size() + 64);
  return wa::Node("enc", {{"v", "2"}, {"type", "skmsg"}}, framed);
}

wa::Node group_message(const wa::Jid& group, const std::string& id, std::uint8_t iteration) {
  wa::Node message("message", {{"to", group}, {"id", id}, {"type", "text"}, {"addressing_mode", "lid"}});
  message.add(sender_key_enc(iteration));
  return message;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a group is made of those who can be added, and each is told", "[sandbox][groups]") {
  Village town;
  CHECK(town.admin("POST", std::string("accounts/") + kCitra + "/privacy", R"({"groups":"nobody"})") == "200 {}");
  wa::Node create("create", {{"subject", "Arisan"}, {"key", "K1"}});
  for (const wa::Jid& jid : {town.budi.pn.user_jid(), town.citra.lid.user_jid(), wa::Jid::pn("6280000000000")}) {
    create.add(wa::Node("participant", {{"jid", jid}}));
  }
  create.add(wa::Node("announcement")).add(wa::Node("member_add_mode", {}, to_bytes(std::string("admin_add"))));
  const wa::Node answer = town.ask(town.anna, wa::Jid{"", wa::Server::Group, 0}, "set", create);
  const wa::Node* group = answer.child("group");
  REQUIRE(group);
  CHECK(group->attr("subject") == "Arisan");
  CHECK(group->attr("addressing_mode") == "lid");
  CHECK(group->attr("id").starts_with("120363"));
  CHECK(group->jid("creator") == town.anna.lid.user_jid());
  CHECK(group->jid("creator_pn") == town.anna.pn.user_jid());
  CHECK(group->child("announcement"));
  CHECK(group->child("member_add_mode")->text() == "admin_add");
  const auto participants = group->children("participant");
  REQUIRE(participants.size() == 4);
  CHECK(participants[0]->attr("type") == "superadmin");
  CHECK(participants[1]->jid("jid") == town.budi.lid.user_jid());
  CHECK(participants[1]->jid("phone_number") == town.budi.pn.user_jid());
  CHECK(participants[2]->attr("error") == "403");
  CHECK(participants[2]->child("add_request")->has("code"));
  CHECK(participants[3]->attr("error") == "404");

  const auto told = town.budi.last("notification", "w:gp2");
  REQUIRE(told);
  CHECK(told->jid("participant") == town.anna.lid.user_jid());
  CHECK(told->jid("participant_pn") == town.anna.pn.user_jid());
  CHECK(told->child("create")->attr("type") == "new");
  CHECK(members_of(*told->child("create")->child("group")).size() == 2);
  CHECK_FALSE(town.citra.last("notification", "w:gp2"));
  CHECK_FALSE(town.anna.last("notification", "w:gp2"));
}

TEST_CASE("metadata is for members, the list is of one's own groups", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group({town.budi.lid.user_jid()});
  const wa::Node answer = town.ask(town.budi, group, "get", metadata_query());
  CHECK(members_of(*answer.child("group")) ==
        Texts{to_string(town.anna.lid.user_jid()) + "superadmin", to_string(town.budi.lid.user_jid())});
  CHECK(error_of(town.ask(town.citra, group, "get", metadata_query())) == "403");
  CHECK(error_of(town.ask(town.citra, {"120363999999999999", wa::Server::Group, 0}, "get", metadata_query())) == "404");

  const auto list = [&](Device& device) {
    wa::Node participating("participating");
    participating.add(wa::Node("participants"));
    const wa::Node groups = town.ask(device, wa::Jid{"", wa::Server::Group, 0}, "get", participating);
    return groups.child("groups")->children("group").size();
  };
  CHECK(list(town.budi) == 1);
  CHECK(list(town.citra) == 0);
}

TEST_CASE("members are added, promoted, demoted and removed, each with a result", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group({town.budi.lid.user_jid()});
  const auto result = [&](Device& device, const char* action, const wa::Jid& whom) {
    const wa::Node answer = town.change(device, group, action, whom);
    const wa::Node* done = answer.child(action);
    if (!done) return "iq " + error_of(answer);
    return done->child("participant")->has("error") ? done->child("participant")->attr("error") : std::string("ok");
  };
  const wa::Jid citra = town.citra.lid.user_jid();
  const wa::Jid anna = town.anna.lid.user_jid();

  CHECK(result(town.citra, "add", citra) == "iq 403");
  CHECK(result(town.budi, "remove", anna) == "iq 401");
  CHECK(result(town.anna, "remove", citra) == "404");
  CHECK(result(town.anna, "promote", town.budi.pn.user_jid()) == "ok");
  CHECK(town.budi.last("notification", "w:gp2")->child("promote")->child("participant")->attr("type") == "admin");
  CHECK(result(town.anna, "promote", town.budi.pn.user_jid()) == "409");
  CHECK(result(town.budi, "remove", anna) == "406");
  CHECK(result(town.budi, "add", citra) == "ok");
  CHECK(result(town.budi, "add", citra) == "409");
  CHECK(town.citra.last("notification", "w:gp2")->child("create")->child("group"));
  CHECK(town.anna.last("notification", "w:gp2")->child("add")->child("participant")->jid("jid") == citra);
  CHECK(result(town.anna, "demote", town.budi.lid.user_jid()) == "ok");
  CHECK(result(town.anna, "remove", citra) == "ok");
  CHECK(town.citra.last("notification", "w:gp2")->child("remove"));
  CHECK(town.budi.last("notification", "w:gp2")->child("remove")->child("participant")->jid("jid") == citra);
  CHECK(error_of(town.ask(town.citra, group, "get", metadata_query())) == "403");
}

TEST_CASE("settings are changed by those who may, and the others hear of it", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group();
  const auto set = [&](Device& device, wa::Node child) { return error_of(town.ask(device, group, "set", child)); };
  const auto text = [](const char* tag, const char* value) {
    return wa::Node(tag, {}, to_bytes(std::string(value)));
  };
  CHECK(set(town.budi, text("subject", "Arisan RT 5")) == "result");
  CHECK(town.anna.last("notification", "w:gp2")->child("subject")->attr("subject") == "Arisan RT 5");
  CHECK(set(town.budi, wa::Node("locked")) == "401");
  CHECK(set(town.anna, wa::Node("locked")) == "result");
  CHECK(set(town.budi, text("subject", "Mine")) == "401");
  CHECK(set(town.anna, wa::Node("ephemeral", {{"expiration", "86400"}})) == "result");
  CHECK(town.budi.last("notification", "w:gp2")->child("ephemeral")->attr("expiration") == "86400");
  CHECK(set(town.anna, text("member_add_mode", "admin_add")) == "result");
  CHECK(error_of(town.change(town.budi, group, "add", wa::Jid::pn(kDewi))) == "401");
  CHECK(set(town.anna, text("subject", "")) == "406");
  CHECK(set(town.anna, wa::Node("no_such_thing")) == "501");

  wa::Node description("description", {{"id", "D1"}});
  description.add(text("body", "Every Sunday"));
  CHECK(set(town.anna, description) == "result");
  CHECK(set(town.anna, description) == "409");
  description.set("id", "D2").set("prev", "D1");
  CHECK(set(town.anna, description) == "result");
  const wa::Node found = *town.ask(town.budi, group, "get", metadata_query()).child("group");
  CHECK(found.child("description")->child("body")->text() == "Every Sunday");
  CHECK(found.child("ephemeral")->attr("expiration") == "86400");
  CHECK(found.child("locked"));
  CHECK(set(town.anna, wa::Node("description", {{"prev", "D2"}, {"delete", "true"}})) == "result");
  CHECK_FALSE(town.ask(town.budi, group, "get", metadata_query()).child("group")->child("description"));
}

TEST_CASE("a link lets in whoever has it, until it is reset", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group({town.budi.lid.user_jid()});
  const wa::Jid all{"", wa::Server::Group, 0};
  CHECK(error_of(town.ask(town.budi, group, "get", wa::Node("invite"))) == "401");
  const std::string code = town.ask(town.anna, group, "get", wa::Node("invite")).child("invite")->attr("code");
  const wa::Node link("invite", {{"code", code}});
  CHECK(town.ask(town.citra, all, "get", link).child("group")->attr("subject") == "Arisan");
  CHECK(town.ask(town.citra, all, "set", link).child("group")->jid("jid") == group);
  const auto news = town.budi.last("notification", "w:gp2");
  CHECK(news->child("add")->attr("reason") == "invite");
  CHECK_FALSE(news->has("participant"));
  CHECK(error_of(town.ask(town.citra, all, "set", link)) == "304");

  town.change(town.anna, group, "remove", town.citra.lid.user_jid());
  CHECK(error_of(town.ask(town.citra, all, "set", link)) == "405");
  const std::string fresh = town.ask(town.anna, group, "set", wa::Node("invite")).child("invite")->attr("code");
  CHECK(fresh != code);
  CHECK(error_of(town.ask(town.citra, all, "get", link)) == "410");
  CHECK(error_of(town.ask(town.citra, all, "get", wa::Node("invite", {{"code", "nothing"}}))) == "404");
}

TEST_CASE("who leaves is gone, an admin remains, and the last one ends the group", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group({town.budi.lid.user_jid()});
  const auto leave = [&](Device& device) {
    wa::Node node("leave");
    node.add(wa::Node("group", {{"id", group}}));
    const wa::Node answer = town.ask(device, wa::Jid{"", wa::Server::Group, 0}, "set", node);
    return answer.child("leave")->child("group")->attr("error");
  };
  CHECK(leave(town.anna).empty());
  const auto news = town.budi.all("notification", "w:gp2");
  REQUIRE(news.size() >= 2);
  CHECK(news[news.size() - 2].child("remove")->child("participant")->jid("jid") == town.anna.lid.user_jid());
  CHECK(news.back().child("promote")->child("participant")->jid("jid") == town.budi.lid.user_jid());
  CHECK(leave(town.anna) == "404");
  CHECK(leave(town.budi).empty());
  CHECK(error_of(town.ask(town.budi, group, "get", metadata_query())) == "404");
}

TEST_CASE("a group message goes to every device of every member, each with its own part", "[sandbox][groups]") {
  Village town;
  Device second(town);
  second.link(kAnna);
  second.come_up();
  town.loop.advance(seconds(10));
  const wa::Jid group = town.make_group();
  town.forget();

  wa::Node message = group_message(group, "A1", 0);
  const wa::Node with_part = town.anna.text_for(kBudi, "the key", "unused");
  wa::Node participants("participants");
  for (const wa::Node* to : with_part.child("participants")->children("to")) {
    if (to->jid("jid") == town.budi.lid) participants.add(*to);
  }
  message.add(participants).add(wa::Node("device-identity", {}, town.anna.account));
  town.anna.send(message);
  CHECK_FALSE(town.anna.last("ack")->has("error"));

  const auto at_budi = town.budi.last("message");
  REQUIRE(at_budi);
  CHECK(at_budi->jid("from") == group);
  CHECK(at_budi->jid("participant") == town.anna.lid);
  CHECK(at_budi->jid("participant_pn") == town.anna.pn.user_jid());
  CHECK(at_budi->attr("addressing_mode") == "lid");
  const auto encs = at_budi->children("enc");
  REQUIRE(encs.size() == 2);
  CHECK(encs[0]->attr("type") == "pkmsg");
  CHECK(encs[1]->attr("type") == "skmsg");
  CHECK(at_budi->child("device-identity"));
  CHECK(town.citra.last("message")->children("enc").size() == 1);
  CHECK(second.last("message")->jid("participant") == town.anna.lid);
  CHECK(town.anna.all("message").empty());

  town.budi.send(wa::delivery_receipt(*at_budi, wa::ReceiptKind::Delivered));
  const auto receipt = town.anna.last("receipt");
  REQUIRE(receipt);
  CHECK(receipt->jid("from") == group);
  CHECK(receipt->jid("participant") == town.budi.lid);
  CHECK(receipt->has("t"));
  CHECK(second.last("receipt")->attr("id") == "A1");
  CHECK(town.citra.all("receipt").empty());
  town.budi.come_up();
  for (const wa::Node& one : town.budi.all("message")) CHECK(one.attr("id") != "A1");   // the receipt settled it
  CHECK(town.sandbox->violations().empty());
}

TEST_CASE("who asks again in a group is answered alone", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group();
  town.anna.send(group_message(group, "A1", 0));
  const wa::Node received = *town.citra.last("message");
  town.citra.send(wa::retry_receipt(received, 1, town.citra.identity, std::nullopt));
  const auto asked = town.anna.last("receipt", "retry");
  REQUIRE(asked);
  CHECK(asked->jid("from") == group);
  CHECK(asked->jid("participant") == town.citra.lid);
  town.forget();

  SECTION("by a resend") {
    const wa::Node pair = town.anna.text_for(kCitra, "again", "unused");
    wa::Node enc;
    for (const wa::Node* to : pair.child("participants")->children("to")) {
      if (to->jid("jid") == town.citra.lid) enc = *to->child("enc");
    }
    enc.set("count", "1");
    wa::Node resend("message", {{"to", group}, {"id", "A1"}, {"type", "text"}, {"participant", town.citra.lid}});
    resend.add(enc).add(wa::Node("device-identity", {}, town.anna.account));
    town.anna.send(resend);
    REQUIRE(town.citra.all("message").size() == 1);
    CHECK(town.citra.last("message")->child("enc")->attr("count") == "1");
    CHECK(town.citra.last("message")->jid("participant") == town.anna.lid);
  }
  SECTION("by the whole once more") {
    const wa::Node pair = town.anna.text_for(kCitra, "again", "unused");
    wa::Node again = group_message(group, "A1", 1);
    again.add(*pair.child("participants")).add(wa::Node("device-identity", {}, town.anna.account));
    town.anna.send(again);
    CHECK(town.citra.all("message").size() == 1);
  }
  CHECK(town.budi.all("message").empty());
  CHECK(town.sandbox->violations().empty());
}

TEST_CASE("who was removed gets nothing and may not write", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group();
  town.change(town.anna, group, "remove", town.citra.lid.user_jid());
  const wa::Node news = *town.citra.last("notification", "w:gp2");
  town.citra.send(group_message(group, "C1", 0));
  CHECK(town.citra.last("ack")->attr("error") == "403");
  CHECK(town.sandbox->violations().empty());   // it has not settled the news
  for (const wa::Node& one : town.citra.all("notification")) town.citra.send(wa::ack_of(one));
  town.loop.advance(minutes(1));
  town.citra.send(group_message(group, "C2", 0));
  CHECK(town.citra.last("ack")->attr("error") == "403");
  CHECK(town.kinds_of_violations() == Texts{"group"});

  town.anna.send(group_message(group, "A1", 0));
  CHECK(town.citra.all("message").empty());
  CHECK(town.budi.all("message").size() == 1);
}

TEST_CASE("what is wrong with a group message is seen", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group({town.budi.lid.user_jid()});
  town.loop.advance(minutes(1));
  SECTION("a key for a stranger") {
    wa::Node message = group_message(group, "A1", 0);
    const wa::Node pair = town.anna.text_for(kCitra, "the key", "unused", {town.anna.lid.user_jid(),
                                                                          town.citra.lid.user_jid()});
    message.add(*pair.child("participants")).add(wa::Node("device-identity", {}, town.anna.account));
    town.anna.send(message);
    CHECK(town.citra.all("message").empty());
    CHECK(town.kinds_of_violations() == Texts{"fan-out"});
  }
  SECTION("a chain that goes back") {
    town.anna.send(group_message(group, "A1", 3));
    wa::Node other("message", {{"to", group}, {"id", "A2"}, {"type", "text"}});
    other.add(sender_key_enc(3, 9));
    town.anna.send(other);
    CHECK(town.kinds_of_violations() == Texts{"ciphertext"});
  }
  SECTION("the other addressing") {
    wa::Node message = group_message(group, "A1", 0);
    message.set("addressing_mode", "pn");
    town.anna.send(message);
    CHECK(town.anna.last("ack")->attr("error") == "420");
  }
  SECTION("a member where only admins write") {
    CHECK(error_of(town.ask(town.anna, group, "set", wa::Node("announcement"))) == "result");
    town.budi.send(group_message(group, "B1", 0));
    CHECK(town.budi.last("ack")->attr("error") == "403");
    town.anna.send(group_message(group, "A1", 0));
    CHECK_FALSE(town.anna.last("ack")->has("error"));
    CHECK(town.sandbox->violations().empty());
  }
  SECTION("a hash of other devices") {
    wa::Node message = group_message(group, "A1", 0);
    message.set("phash", "2:AAAAAAAA");
    town.anna.send(message);
    const std::string right = town.anna.last("ack")->attr("phash");
    REQUIRE(right.size() == 10);
    message = group_message(group, "A2", 1);
    message.set("phash", right);
    town.anna.send(message);
    CHECK_FALSE(town.anna.last("ack")->has("phash"));
  }
}

TEST_CASE("a restart keeps groups", "[sandbox][groups]") {
  TempDir dir;
  sandbox::Options options;
  options.state_dir = dir.path();
  Town town(options);
  Device anna(town);
  anna.link(kAnna);
  anna.come_up();
  town.sandbox->create_account("Budi", kBudi);
  const std::string body = R"({"subject":"Warung","creator":"6281234567890","members":["6281234567891"]})";
  const std::string made = town.admin("POST", "groups", body);
  const std::string id = made.substr(made.find("120363"), 18);
  const std::string settings = R"({"description":"Rules","ephemeral_s":60,"needs_approval":true})";
  CHECK(town.admin("POST", "groups/" + id + "/settings", settings).starts_with("200"));
  Device citra(town);
  citra.link(kCitra);
  citra.come_up();
  const std::string group = town.admin("GET", "groups/" + id);
  const std::string code = group.substr(group.find("\"invite_code\":\"") + 15, 22);
  wa::Node join("iq", {{"to", wa::Jid{"", wa::Server::Group, 0}}, {"type", "set"}, {"xmlns", "w:g2"}, {"id", "j1"}});
  join.add(wa::Node("invite", {{"code", code}}));
  REQUIRE(citra.ask(join).child("membership_approval_request"));
  const std::string before = town.admin("GET", "groups");
  CHECK(before.find("\"requests\":[\"6281234567892\"]") != before.npos);
  town.restart();
  CHECK(town.admin("GET", "groups") == before);
  CHECK(before.find(R"("ephemeral_s":60)") != before.npos);
}

TEST_CASE("groups are made and changed by the admin API", "[sandbox][groups]") {
  Village town;
  const std::string made = [&] {
    const std::string body = R"({"subject":"Warung","creator":"6281234567890","members":["6281234567891"],)"
                             R"("addressing_mode":"pn"})";
    const std::string answer = town.admin("POST", "groups", body);
    town.loop.run_until_idle();
    CHECK(answer.starts_with("200 "));
    REQUIRE(town.budi.last("notification", "w:gp2"));
    CHECK(town.budi.last("notification", "w:gp2")->jid("participant") == town.anna.pn.user_jid());
    CHECK(town.budi.last("notification", "w:gp2")->jid("participant_lid") == town.anna.lid.user_jid());
    CHECK(town.anna.last("notification", "w:gp2"));   // the phone acted
    const std::string id = answer.substr(answer.find("120363"), 23);
    CHECK(town.admin("POST", "groups/" + id + "/add", R"({"numbers":["6281234567892"]})") ==
          R"(200 {"results":[{"phone_number":"6281234567892","error":0}]})");
    CHECK(town.admin("POST", "groups/" + id + "/promote", R"({"numbers":["6281234567892"]})").starts_with("200"));
    CHECK(town.admin("POST", "groups/" + id + "/settings", R"({"subject":"Toko","locked":true})").starts_with("200"));
    CHECK(town.admin("POST", "groups/" + id + "/remove", R"({"numbers":["6281234567891"]})").starts_with("200"));
    CHECK(town.admin("POST", "groups/1/add", R"({"numbers":[]})").starts_with("404"));
    return town.admin("GET", "groups/" + id);
  }();
  CHECK(made.find(R"("subject":"Toko")") != made.npos);
  CHECK(made.find(R"("rank":"admin")") != made.npos);
  CHECK(made.find(kBudi) == made.npos);
}

}  // namespace konekwa::test
