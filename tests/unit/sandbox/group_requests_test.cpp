#include "tests/support/temp_dir.h"
#include "tests/unit/sandbox/village.h"

namespace konekwa::test {
namespace {

const wa::Jid kToAll{"", wa::Server::Group, 0};

// A group of Anna's with Budi, whose new members she approves.
struct Approving : Village {
  Approving() : group(make_group({budi.lid.user_jid()})) {
    wa::Node mode("membership_approval_mode");
    mode.add(wa::Node("group_join", {{"state", "on"}}));
    REQUIRE(error_of(ask(anna, group, "set", mode)) == "result");
    code = ask(anna, group, "get", wa::Node("invite")).child("invite")->attr("code");
    forget();
  }

  wa::Node join() { return ask(citra, kToAll, "set", wa::Node("invite", {{"code", code}})); }

  // The error of the only one, "" when there is none.
  std::string settle(const char* how, Device& by) {
    wa::Node action(how);
    action.add(wa::Node("participant", {{"jid", citra.lid.user_jid()}}));
    const wa::Node wanted("membership_requests_action", {}, wa::Node::Children{action});
  const wa::Node answer = ask(by, group, "set", wanted);
    if (!answer.child("membership_requests_action")) return error_of(answer);
    return answer.child("membership_requests_action")->child(how)->child("participant")->attr("error");
  }

  std::size_t count_of_requests() {
    const wa::Node answer = ask(anna, group, "get", wa::Node("membership_approval_requests"));
    return answer.child("membership_approval_requests")->children("membership_approval_request").size();
  }

  bool is_member() { return error_of(ask(citra, group, "get", wa::Node("query"))) == "result"; }

  wa::Jid group;
  std::string code;
};

wa::Node news_of(const Device& device) {
  const auto news = device.last("notification", "w:gp2");
  return news ? *news : wa::Node();
}

}  // namespace

TEST_CASE("who comes by the link of an approving group waits until an admin approves", "[sandbox][groups]") {
  Approving town;
  const wa::Node metadata = *town.ask(town.budi, town.group, "get", wa::Node("query")).child("group");
  REQUIRE(metadata.child("membership_approval_mode"));
  CHECK(metadata.child("membership_approval_mode")->child("group_join")->attr("state") == "on");
  const wa::Node waiting = town.join();
  REQUIRE(waiting.child("membership_approval_request"));
  CHECK(waiting.child("membership_approval_request")->jid("jid") == town.group);
  CHECK_FALSE(town.is_member());
  CHECK(news_of(town.anna).child("created_membership_requests"));
  CHECK(news_of(town.anna).jid("participant") == town.citra.lid.user_jid());
  CHECK(news_of(town.budi).tag.empty());  // no admin
  CHECK(town.join().child("membership_approval_request"));
  CHECK(town.count_of_requests() == 1);
  CHECK(town.settle("approve", town.budi) == "401");
  CHECK(town.settle("approve", town.anna).empty());
  CHECK(town.is_member());
  CHECK(news_of(town.citra).child("create"));
  CHECK(news_of(town.budi).child("add"));
  CHECK(town.settle("approve", town.anna) == "404");
  CHECK(town.count_of_requests() == 0);
}

TEST_CASE("a request is rejected or withdrawn", "[sandbox][groups]") {
  Approving town;
  town.join();
  CHECK(town.settle("reject", town.anna).empty());
  CHECK(news_of(town.citra).child("revoked_membership_requests"));
  CHECK_FALSE(town.is_member());
  town.join();
  wa::Node cancel("cancel_membership_requests");
  cancel.add(wa::Node("participant", {{"jid", town.citra.lid.user_jid()}}));
  CHECK(error_of(town.ask(town.citra, town.group, "set", cancel)) == "result");
  CHECK(news_of(town.anna).child("revoked_membership_requests"));
  CHECK(error_of(town.ask(town.citra, town.group, "set", cancel)) == "404");
  CHECK(town.count_of_requests() == 0);
}

TEST_CASE("who refuses groups gets an invitation that opens the group once", "[sandbox][groups]") {
  Village town;
  const wa::Jid group = town.make_group({town.budi.lid.user_jid()});
  town.admin("POST", "/admin/accounts/6281234567892/privacy", R"({"groups":"nobody"})");
  const auto invite = [&] {
    const wa::Node answer = town.change(town.anna, group, "add", town.citra.lid.user_jid());
    const wa::Node* person = answer.child("add")->child("participant");
    CHECK(person->attr("error") == "403");
    return person->child("add_request")->attr("code");
  };
  const auto accept = [&](Device& device, const std::string& code) {
    wa::Node node("accept", {{"code", code}, {"admin", town.anna.lid.user_jid()}});
    return error_of(town.ask(device, group, "set", node));
  };
  std::string code = invite();
  CHECK(accept(town.citra, "wrong") == "410");
  wa::Node revoke("revoke");
  revoke.add(wa::Node("participant", {{"jid", town.citra.lid.user_jid()}}));
  CHECK(error_of(town.ask(town.anna, group, "set", revoke)) == "result");
  CHECK(accept(town.citra, code) == "410");
  code = invite();
  town.loop.advance(seconds(4 * 24 * 60 * 60));
  CHECK(accept(town.citra, code) == "410");
  code = invite();
  town.forget();
  CHECK(accept(town.citra, code) == "result");
  CHECK(news_of(town.anna).child("add"));
  CHECK(error_of(town.ask(town.citra, group, "get", wa::Node("query"))) == "result");
  CHECK(accept(town.citra, code) == "409");
}

}  // namespace konekwa::test
