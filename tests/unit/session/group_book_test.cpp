#include "daemon/session/group_book.h"

#include "daemon/wa/signal/signal_state.h"

#include "daemon/session/address_book.h"
#include "daemon/store/groups.h"
#include "tests/support/memory_store.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/store/rows.h"

using namespace konekwa;
using session::GroupBook;
using Kind = wa::GroupChange::Kind;

namespace {

const wa::Jid kGroup{"120363021033254949", wa::Server::Group};
const wa::Jid kOther{"120363000000000001", wa::Server::Group};
const wa::Jid kSelf = wa::Jid::pn("6281111111111"), kSelfLid = wa::Jid::lid("111");
const wa::Jid kBudi = wa::Jid::lid("222"), kBudiPn = wa::Jid::pn("6282222222222");
const Time kNow = from_unix_seconds(1'700'000'000);

struct Rig : test::MemoryStore {
  Rig() { store::sessions::insert(db, test::session_row("ses_a")); }

  // As a commit does.
  void commit() {
    store::WriteBatch batch;
    book->take_changes(batch);
    writer.commit(std::move(batch), [](const Result<>& done) { CHECK(done); });
  }
  // As a reconnect after a failed commit, or a restart.
  void restart() { book = std::make_unique<GroupBook>("ses_a", readers, addresses); }

  wa::Group group(const wa::Jid& jid = kGroup) const {
    wa::Group out;
    out.jid = jid;
    out.subject = "Toko";
    out.uses_lids = out.is_announcement = true;
    out.owner = kSelfLid;
    out.created_at = kNow;
    out.ephemeral_s = 86400;
    out.members = {{kSelfLid, kSelf, wa::GroupMember::Role::SuperAdmin},
                   {kBudi, kBudiPn, wa::GroupMember::Role::Member}};
    out.size = 2;
    return out;
  }
  void notify(wa::GroupChange change) {
    wa::GroupNotification notification;
    notification.group = kGroup;
    notification.changes.push_back(std::move(change));
    book->apply(notification, kSelf, kSelfLid, kNow);
  }
  wa::GroupChange change(Kind kind, std::vector<wa::GroupMember> members = {}) const {
    wa::GroupChange out;
    out.kind = kind;
    out.members = std::move(members);
    return out;
  }

  test::SeededRandom random{1};
  wa::SignalState signal{wa::generate_device_identity(random), nullptr, random};
  session::AddressBook addresses{"ses_a", readers, signal};
  std::unique_ptr<GroupBook> book = std::make_unique<GroupBook>("ses_a", readers, addresses);
};

}  // namespace

TEST_CASE("a group is known as it was put, also after a restart", "[groups]") {
  Rig rig;
  CHECK_FALSE(rig.book->find(kGroup));
  rig.book->put(rig.group(), kNow);
  REQUIRE(rig.book->find(kGroup));
  rig.commit();
  rig.restart();
  REQUIRE(rig.book->find(kGroup));
  CHECK(*rig.book->find(kGroup) == rig.group());
  CHECK(rig.addresses.lid_of(kBudiPn) == kBudi);
}

TEST_CASE("what is not durable is forgotten, what is durable is read again", "[groups]") {
  Rig rig;
  rig.book->put(rig.group(), kNow);
  rig.restart();
  CHECK_FALSE(rig.book->find(kGroup));
  rig.book->put(rig.group(), kNow);
  rig.commit();
  rig.book->forget_clean();
  CHECK(rig.book->find(kGroup));
}

TEST_CASE("notifications keep a group true", "[groups]") {
  Rig rig;
  rig.book->put(rig.group(), kNow);
  wa::GroupChange subject = rig.change(Kind::Subject);
  subject.text = "Baru";
  rig.notify(subject);
  rig.notify(rig.change(Kind::Added, {{wa::Jid::lid("333"), wa::Jid::pn("6283333333333"), {}}}));
  rig.commit();
  rig.restart();
  CHECK(rig.book->find(kGroup)->subject == "Baru");
  CHECK(rig.book->find(kGroup)->members.size() == 3);
  CHECK(rig.addresses.lid_of(wa::Jid::pn("6283333333333")) == wa::Jid::lid("333"));
}

TEST_CASE("what nobody understands makes a group stale, what tells nothing does not", "[groups]") {
  Rig rig;
  rig.book->put(rig.group(), kNow);
  rig.notify(rig.change(Kind::Harmless));
  CHECK(rig.book->find(kGroup));
  rig.notify(rig.change(Kind::Unknown));
  CHECK_FALSE(rig.book->find(kGroup));
  rig.commit();
  rig.restart();
  CHECK_FALSE(rig.book->find(kGroup));
  CHECK(store::groups::find(rig.db, "ses_a", to_string(kGroup))->subject == "Toko");
}

TEST_CASE("a group described without its people has to be asked for", "[groups]") {
  Rig rig;
  wa::GroupChange created = rig.change(Kind::Created);
  created.group = rig.group();
  created.group->members.clear();
  rig.notify(created);
  CHECK_FALSE(rig.book->find(kGroup));
  created.group = rig.group();
  rig.notify(created);
  CHECK(rig.book->find(kGroup));
}

TEST_CASE("a group that we have left, or that is gone, is forgotten with who holds our key", "[groups]") {
  Rig rig;
  rig.book->put(rig.group(), kNow);
  rig.book->add_key_holders(kGroup, {kBudi});
  rig.commit();
  SECTION("by number") { rig.notify(rig.change(Kind::Removed, {{kSelf, std::nullopt, {}}})); }
  SECTION("by LID") { rig.notify(rig.change(Kind::Removed, {{kSelfLid, std::nullopt, {}}})); }
  SECTION("dissolved") { rig.notify(rig.change(Kind::Deleted)); }
  CHECK_FALSE(rig.book->find(kGroup));
  CHECK(rig.book->key_holders(kGroup).empty());
  rig.commit();
  rig.restart();
  CHECK_FALSE(rig.book->find(kGroup));
  CHECK(rig.book->key_holders(kGroup).empty());
}

TEST_CASE("the whole list replaces what was known", "[groups]") {
  Rig rig;
  rig.book->put(rig.group(kOther), kNow);
  rig.commit();
  rig.book->put_all({rig.group()}, kNow);
  CHECK(rig.book->find(kGroup));
  CHECK_FALSE(rig.book->find(kOther));
  rig.commit();
  rig.restart();
  CHECK(rig.book->find(kGroup));
  CHECK_FALSE(rig.book->find(kOther));
}

TEST_CASE("holders of a key are kept, and one that lost it loses it everywhere", "[groups]") {
  Rig rig;
  for (const wa::Jid& group : {kGroup, kOther}) rig.book->add_key_holders(group, {kBudi, kBudi.with_device(2)});
  rig.commit();
  rig.restart();
  CHECK(rig.book->key_holders(kGroup).size() == 2);
  rig.book->forget_key_holder(kBudi);
  CHECK(rig.book->key_holders(kGroup) == std::set<wa::Jid>{kBudi.with_device(2)});
  CHECK(rig.book->key_holders(kOther) == std::set<wa::Jid>{kBudi.with_device(2)});   // read before it is durable
  rig.book->add_key_holders(kGroup, {kBudi});
  rig.commit();
  rig.restart();
  CHECK(rig.book->key_holders(kGroup).size() == 2);
  CHECK(rig.book->key_holders(kOther).size() == 1);
  rig.book->forget_key_holders(kGroup);
  rig.commit();
  rig.restart();
  CHECK(rig.book->key_holders(kGroup).empty());
}
