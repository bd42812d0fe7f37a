#include "daemon/session/restrictions.h"

#include "common/json.h"
#include "tests/support/memory_store.h"
#include "tests/unit/store/rows.h"

#include <nlohmann/json.hpp>

using namespace konekwa;
using session::kReachoutTimelock;

namespace {

const Time kNow = from_unix_seconds(1'700'000'000);

struct Rig : test::MemoryStore {
  Rig() { store::sessions::insert(db, test::session_row("ses_a")); }

  void put(const session::Restriction& one, Time now = kNow) { session::put_restriction(db, "ses_a", one, now); }
  Json all() {
    const std::string text = store::sessions::find(db, "ses_a")->restrictions;
    return text.empty() ? Json::array() : Json::parse(text);
  }
};

}  // namespace

TEST_CASE("a restriction of a type stands once, and goes when it is lifted") {
  Rig rig;
  CHECK(rig.all().empty());
  rig.put({kReachoutTimelock, "new_contacts", 463, {}});
  rig.put({session::kTemporaryBan, "account", 402, kNow + hours(1)});
  rig.put({kReachoutTimelock, "new_contacts", 463, {}}, kNow + hours(1));
  REQUIRE(rig.all().size() == 2);
  CHECK(rig.all()[0]["type"] == "TEMPORARY_BAN");
  CHECK(rig.all()[0]["until"] == "2023-11-14T23:13:20Z");
  CHECK(rig.all()[1] == Json{{"type", "REACHOUT_TIMELOCK"},
                             {"applies_to", "new_contacts"},
                             {"wa_code", 463},
                             {"since", "2023-11-14T23:13:20Z"}});
  session::lift_restriction(rig.db, "ses_a", kReachoutTimelock);
  session::lift_restriction(rig.db, "ses_a", kReachoutTimelock);
  CHECK(rig.all().size() == 1);
}

TEST_CASE("what was told about the end of a restriction is kept while it lasts") {
  Rig rig;
  rig.put({kReachoutTimelock, "new_contacts", 0, kNow + hours(1)});
  rig.put({kReachoutTimelock, "new_contacts", 463, {}});
  CHECK(rig.all()[0].contains("until"));
  rig.put({kReachoutTimelock, "new_contacts", 463, {}}, kNow + hours(2));
  CHECK_FALSE(rig.all()[0].contains("until"));
}
