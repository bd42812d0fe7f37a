#include "daemon/session/iq_client.h"

#include "tests/support/manual_loop.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;

namespace {

struct Rig {
  test::ManualLoop loop;
  test::SeededRandom random{7};
  std::vector<wa::Node> sent;
  session::IqClient iq{loop, random, [this](const wa::Node& node) { sent.push_back(node); }};
  std::vector<Result<wa::Node>> answers;

  std::string ask() {
    const std::string id = iq.next_id();
    iq.request(wa::Node("iq", {{"id", id}, {"type", "get"}}), [this](Result<wa::Node> answer) {
      answers.push_back(std::move(answer));
    }, seconds(10));
    return id;
  }
};

}  // namespace

TEST_CASE("an answer finds the request with its id, whatever the order") {
  Rig rig;
  const std::string first = rig.ask();
  const std::string second = rig.ask();
  CHECK(first != second);
  CHECK(rig.iq.take_answer(wa::Node("iq", {{"id", second}, {"type", "result"}})));
  REQUIRE(rig.answers.size() == 1);
  CHECK(rig.answers[0]->attr("id") == second);
  CHECK(!rig.iq.take_answer(wa::Node("iq", {{"id", second}, {"type", "result"}})));
}

TEST_CASE("an iq error says its code") {
  Rig rig;
  const std::string id = rig.ask();
  wa::Node answer("iq", {{"id", id}, {"type", "error"}});
  answer.add(wa::Node("error", {{"code", "404"}, {"text", "item-not-found"}}));
  CHECK(rig.iq.take_answer(answer));
  REQUIRE(rig.answers.size() == 1);
  CHECK(rig.answers[0].error().details == "404 item-not-found");
}

TEST_CASE("a request without an answer times out once") {
  Rig rig;
  const std::string id = rig.ask();
  rig.loop.advance(seconds(11));
  REQUIRE(rig.answers.size() == 1);
  CHECK(rig.answers[0].error().code == ErrorCode::TIMEOUT);
  CHECK(!rig.iq.take_answer(wa::Node("iq", {{"id", id}, {"type", "result"}})));
}

TEST_CASE("the end of the connection answers whoever waits") {
  Rig rig;
  rig.ask();
  rig.ask();
  rig.iq.fail_all(Error(ErrorCode::NETWORK));
  CHECK(rig.answers.size() == 2);
  rig.loop.advance(seconds(60));
  CHECK(rig.answers.size() == 2);
}

TEST_CASE("requests of the server are not taken for answers") {
  Rig rig;
  CHECK(!rig.iq.take_answer(wa::Node("iq", {{"id", "1"}, {"type", "set"}})));
}
