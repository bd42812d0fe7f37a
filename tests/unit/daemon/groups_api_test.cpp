#include "daemon/store/devices.h"
#include "daemon/store/groups.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;

namespace {

// A session that is offline: what it knows is what it answers.
struct Fixture : ApiFixture {
  Fixture() {
    store::GroupRow row;
    row.session = session;
    row.jid = "120363021033254949@g.us";
    row.subject = "Arisan";
    row.description = "Every month";
    row.owner = "111@lid";
    row.owner_alternate = "6281111111111@s.whatsapp.net";
    row.uses_lids = row.is_announcement = true;
    row.ephemeral_s = 86400;
    row.size = 3;
    row.created_at = from_unix_seconds(1'773'137'400);
    row.members = {{"111@lid", "6281111111111@s.whatsapp.net", "superadmin"}, {"222@lid", "", "admin"},
                   {"333@lid", "", "member"}};
    store::groups::put(store.db, row);
    store::devices::put_lid(store.db, session, "222", "6282222222222");
  }

  // Answers come by way of the loop.
  test::Answer get(const std::string& target, const std::string& with = {}) {
    return with_key(with.empty() ? key : with, "GET", target);
  }
  std::string of_session(const std::string& path) const { return path + "?session_id=" + session; }

  const std::string key = new_token(R"({"name":"k"})");
  const std::string session = new_session(key);
};

}  // namespace

TEST_CASE("the groups of a session are listed", "[groups]") {
  Fixture f;
  const auto answer = f.get(f.of_session("/v1/groups"));
  INFO(answer.raw);
  REQUIRE(answer.status == 200);
  CHECK(answer.body["total_count"] == 1);
  const Json& group = answer.body["groups"][0];
  CHECK(group["id"] == "120363021033254949@g.us");
  CHECK(group["session_id"] == f.session);
  CHECK(group["subject"] == "Arisan");
  CHECK(group["owner"] == "6281111111111");
  CHECK(group["size"] == 3);
  CHECK(group["addressing_mode"] == "lid");
  CHECK(group["only_admins_send"] == true);
  CHECK(group["only_admins_edit"] == false);
  CHECK(group["disappearing_seconds"] == 86400);
  CHECK_FALSE(group.contains("participants"));
}

TEST_CASE("a group is shown with its participants, by number where it is known", "[groups]") {
  Fixture f;
  const auto answer = f.get(f.of_session("/v1/groups/120363021033254949" + std::string(GENERATE("", "@g.us"))));
  INFO(answer.raw);
  REQUIRE(answer.status == 200);
  CHECK(answer.body["participants"].dump() ==
        R"([{"phone_number":"6281111111111","lid":"111@lid","role":"superadmin"},)"
        R"({"phone_number":"6282222222222","lid":"222@lid","role":"admin"},{"lid":"333@lid","role":"member"}])");
}

TEST_CASE("groups want a session that the caller may use, and exist", "[groups]") {
  Fixture f;
  CHECK(f.get("/v1/groups").code() == "INVALID_REQUEST");
  CHECK(f.get("/v1/groups?session_id=ses_none").code() == "SESSION_NOT_FOUND");
  CHECK(f.get(f.of_session("/v1/groups/120363000000000000")).code() == "GROUP_NOT_FOUND");
  CHECK(f.get(f.of_session("/v1/groups/6281111111111@s.whatsapp.net")).code() == "GROUP_NOT_FOUND");
  const std::string other = f.new_session(f.key);
  const std::string narrow = f.new_token(R"({"name":"n","sessions":[")" + other + R"("]})");
  CHECK(f.get(f.of_session("/v1/groups"), narrow).code() == "SESSION_NOT_ALLOWED");
}
