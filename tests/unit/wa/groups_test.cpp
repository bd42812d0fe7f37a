#include "daemon/wa/groups.h"

#include "daemon/wa/content.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;
using Kind = GroupChange::Kind;
using Role = GroupMember::Role;

namespace {

const Jid kGroup{"120363021033254949", Server::Group};
const Jid kAna = Jid::lid("111"), kBudi = Jid::lid("222"), kCitra = Jid::lid("333");
const Jid kAnaPn = Jid::pn("6281111111111"), kBudiPn = Jid::pn("6282222222222");

Node participant(const Jid& jid, const char* type = nullptr, std::optional<Jid> pn = std::nullopt) {
  Node node("participant", {{"jid", jid}});
  if (type) node.set("type", type);
  if (pn) node.set("phone_number", *pn);
  return node;
}

Node group_node() {
  Node description("description", {{"id", "ABCD"}, {"participant", kAna}, {"t", "1700000100"}});
  description.add(Node("body", {}, to_bytes(as_bytes("All about it"))));
  Node group("group", {{"id", "120363021033254949"}, {"subject", "Toko"}, {"creator", kAna}, {"creator_pn", kAnaPn},
                       {"creation", "1700000000"}, {"s_t", "1700000050"}, {"addressing_mode", "lid"}, {"size", "3"}});
  group.add(participant(kAna, "superadmin", kAnaPn)).add(participant(kBudi, "admin", kBudiPn)).add(participant(kCitra));
  group.add(std::move(description)).add(Node("announcement")).add(Node("locked"));
  group.add(Node("ephemeral", {{"expiration", "604800"}}));
  group.add(Node("member_add_mode", {}, to_bytes(as_bytes("all_member_add"))));
  group.add(Node("linked_parent", {{"jid", Jid{"120363000000000009", Server::Group}}}));
  return group;
}

Node result_of(Node child) {
  Node iq("iq", {{"type", "result"}, {"from", kGroup}});
  iq.add(std::move(child));
  return iq;
}

Group known_group() { return *parse_group_answer(result_of(group_node())); }

Node notification_of(Node child) {
  Node node("notification", {{"type", "w:gp2"}, {"from", kGroup}, {"id", "1"}, {"t", "1700000200"},
                             {"participant", kAna}, {"participant_pn", kAnaPn}});
  node.add(std::move(child));
  return node;
}

GroupChange change_of(Node child) {
  const auto parsed = parse_group_notification(notification_of(std::move(child)));
  REQUIRE(parsed);
  REQUIRE(parsed->changes.size() == 1);
  return parsed->changes[0];
}

Group after(Node child) {
  Group group = known_group();
  apply(change_of(std::move(child)), group);
  return group;
}

}  // namespace

TEST_CASE("groups are asked for one by one, or all at once", "[groups]") {
  CHECK(to_string(group_iq("5", kGroup)) == R"(<iq id="5" to="120363021033254949@g.us" type="get" xmlns="w:g2">)"
                                            R"(<query request="interactive"/></iq>)");
  CHECK(to_string(participating_groups_iq("6")) ==
        R"(<iq id="6" to="g.us" type="get" xmlns="w:g2"><participating><participants/><description/>)"
        R"(</participating></iq>)");
}

TEST_CASE("everything that a group tells is read", "[groups]") {
  const Group group = known_group();
  CHECK(group.jid == kGroup);
  CHECK(group.subject == "Toko");
  CHECK(group.description == "All about it");
  CHECK(group.description_id == "ABCD");
  CHECK(group.owner == kAna);
  CHECK(group.owner_alternate == kAnaPn);
  CHECK(group.created_at == from_unix_seconds(1700000000));
  CHECK(group.subject_at == from_unix_seconds(1700000050));
  CHECK(group.uses_lids);
  CHECK(group.is_announcement);
  CHECK(group.is_locked);
  CHECK(group.members_may_add);
  CHECK_FALSE(group.needs_approval);
  CHECK_FALSE(group.is_community);
  CHECK(group.community == Jid{"120363000000000009", Server::Group});
  CHECK(group.ephemeral_s == 604800);
  CHECK(group.size == 3);
  REQUIRE(group.members.size() == 3);
  CHECK(group.members[0] == GroupMember{kAna, kAnaPn, Role::SuperAdmin});
  CHECK(group.members[1] == GroupMember{kBudi, kBudiPn, Role::Admin});
  CHECK(group.members[2] == GroupMember{kCitra, std::nullopt, Role::Member});
  CHECK(group.member(kBudiPn) == &group.members[1]);
  CHECK(group.member(kCitra.with_device(4)) == &group.members[2]);
  CHECK_FALSE(group.member(Jid::pn("629")));
}

TEST_CASE("a group by phone numbers names the LIDs beside", "[groups]") {
  Node group("group", {{"id", "1@g.us"}});
  Node member = participant(kBudiPn);
  member.set("lid", kBudi);
  group.add(std::move(member));
  const auto parsed = parse_group_answer(result_of(std::move(group)));
  REQUIRE(parsed);
  CHECK_FALSE(parsed->uses_lids);
  REQUIRE(parsed->members.size() == 1);
  CHECK(parsed->members[0] == GroupMember{kBudiPn, kBudi, Role::Member});
  CHECK(parsed->size == 1);
}

TEST_CASE("what is no group, no person or no text is left out", "[groups]") {
  CHECK_FALSE(parse_group_answer(result_of(Node("group"))));
  CHECK_FALSE(parse_group_answer(result_of(Node("group", {{"id", "1@lid"}}))));
  CHECK_FALSE(parse_group_answer(Node("iq")));
  CHECK_FALSE(parse_groups_answer(Node("iq")));

  Node group("group", {{"id", "1"}, {"subject", "\xff\xfe"}, {"size", "-4"}, {"creator", kGroup}, {"s_t", "x"}});
  group.add(participant(kGroup)).add(Node("participant"));
  Node refused = participant(kAna);
  refused.set("error", "403");
  group.add(std::move(refused));
  group.add(Node("ephemeral", {{"expiration", "99999999999999"}}));
  const auto parsed = parse_group_answer(result_of(std::move(group)));
  REQUIRE(parsed);
  CHECK(parsed->subject.empty());
  CHECK(parsed->members.empty());
  CHECK(parsed->size == 0);
  CHECK_FALSE(parsed->owner);
  CHECK_FALSE(parsed->subject_at);
  CHECK(parsed->ephemeral_s <= 366u * 24 * 3600);
}

TEST_CASE("all groups of an account are read", "[groups]") {
  Node list("groups");
  list.add(group_node()).add(Node("group")).add(Node("group", {{"id", "77"}, {"subject", "Other"}}));
  const auto groups = parse_groups_answer(result_of(std::move(list)));
  REQUIRE(groups);
  REQUIRE(groups->size() == 2);
  CHECK((*groups)[1].subject == "Other");
}

TEST_CASE("a notification says who changed what", "[groups]") {
  Node both = notification_of(Node("subject", {{"subject", "New"}, {"s_t", "1700000200"}, {"s_o", kAna}}));
  both.add(Node("unlocked"));
  const auto parsed = parse_group_notification(both);
  REQUIRE(parsed);
  CHECK(parsed->group == kGroup);
  CHECK(parsed->author == kAna);
  CHECK(parsed->author_alternate == kAnaPn);
  REQUIRE(parsed->changes.size() == 2);
  CHECK(parsed->changes[0].kind == Kind::Subject);
  CHECK(parsed->changes[1].kind == Kind::Locked);

  CHECK_FALSE(parse_group_notification(Node("notification", {{"type", "w:gp2"}, {"from", kAna}})));
  CHECK_FALSE(parse_group_notification(Node("notification", {{"type", "picture"}, {"from", kGroup}})));
}

TEST_CASE("members come and go", "[groups]") {
  Node add("add"), remove("remove"), by_number("remove");
  add.add(participant(Jid::lid("444"))).add(participant(kBudi));
  const Group more = after(std::move(add));
  CHECK(more.members.size() == 4);
  CHECK(more.size == 4);
  CHECK(more.members[1].role == Role::Admin);

  remove.add(participant(kBudi)).add(participant(Jid::lid("555")));
  const Group less = after(std::move(remove));
  CHECK(less.members.size() == 2);
  CHECK(less.size == 2);
  CHECK_FALSE(less.member(kBudi));

  by_number.add(participant(kBudiPn));
  CHECK_FALSE(after(std::move(by_number)).member(kBudi));
}

TEST_CASE("members become admins and stop being it", "[groups]") {
  Node promote("promote"), demote("demote");
  promote.add(participant(kCitra));
  CHECK(after(std::move(promote)).member(kCitra)->role == Role::Admin);
  demote.add(participant(kBudi));
  CHECK(after(std::move(demote)).member(kBudi)->role == Role::Member);
}

TEST_CASE("settings of a group change", "[groups]") {
  CHECK(after(Node("subject", {{"subject", "New"}})).subject == "New");
  Node description("description", {{"id", "EF"}});
  description.add(Node("body", {}, to_bytes(as_bytes("other"))));
  CHECK(after(std::move(description)).description == "other");
  CHECK(after(Node("description", {{"id", "EF"}, {"delete", "true"}})).description.empty());
  CHECK_FALSE(after(Node("not_announcement")).is_announcement);
  CHECK_FALSE(after(Node("unlocked")).is_locked);
  CHECK(after(Node("ephemeral", {{"expiration", "86400"}})).ephemeral_s == 86400);
  CHECK(after(Node("not_ephemeral")).ephemeral_s == 0);
  CHECK(after(Node("suspended")).is_suspended);
  Node approval("membership_approval_mode");
  approval.add(Node("group_join", {{"state", "on"}}));
  CHECK(after(std::move(approval)).needs_approval);
  CHECK_FALSE(after(Node("member_add_mode", {}, to_bytes(as_bytes("admin_add")))).members_may_add);
  CHECK(after(Node("invite", {{"code", "x"}})) == known_group());
}

TEST_CASE("a new group is told whole, and what nobody knows is unknown", "[groups]") {
  Node create("create", {{"type", "new"}});
  create.add(group_node());
  const GroupChange created = change_of(std::move(create));
  CHECK(created.kind == Kind::Created);
  REQUIRE(created.group);
  CHECK(*created.group == known_group());
  CHECK(change_of(Node("create")).kind == Kind::Unknown);
  CHECK(change_of(Node("delete", {{"reason", "x"}})).kind == Kind::Deleted);
  CHECK(change_of(Node("modify")).kind == Kind::Unknown);
  CHECK(change_of(Node("tomorrow")).kind == Kind::Unknown);
}

TEST_CASE("several people are read out of one receipt", "[groups]") {
  Node people("participants", {{"key", "3EB0AA"}});
  people.add(Node("user", {{"jid", kAna.with_device(2)}, {"t", "1700000300"}}));
  people.add(Node("user", {{"jid", kBudi}})).add(Node("user")).add(Node("user", {{"jid", kGroup}}));
  Node receipt("receipt", {{"from", kGroup}, {"id", "x"}, {"type", "read"}});
  CHECK_FALSE(parse_group_readers(receipt));
  receipt.add(std::move(people));
  const auto parsed = parse_group_readers(receipt);
  REQUIRE(parsed);
  CHECK(parsed->message_id == "3EB0AA");
  REQUIRE(parsed->readers.size() == 2);
  CHECK(parsed->readers[0].jid == kAna);
  CHECK(parsed->readers[0].at == from_unix_seconds(1700000300));
  CHECK_FALSE(parsed->readers[1].at);
}

TEST_CASE("a distribution goes alone, or beside a text", "[groups]") {
  const Bytes distribution(70, 0x33);
  const auto alone = parse_content(encode_key_distribution(kGroup, distribution));
  REQUIRE(alone);
  CHECK(alone->kind == Content::Kind::KeyDistribution);
  REQUIRE(alone->sender_key);
  CHECK(alone->sender_key->group == to_string(kGroup));
  CHECK(alone->sender_key->distribution == distribution);

  const auto both = parse_content(concat({encode_text("hello"), encode_key_distribution(kGroup, distribution)}));
  REQUIRE(both);
  CHECK(both->kind == Content::Kind::Text);
  CHECK(both->text == "hello");
  REQUIRE(both->sender_key);
  CHECK(both->sender_key->distribution == distribution);
}

TEST_CASE("the participant hash is WhatsApp's", "[groups]") {
  const Jid phone = Jid::pn("15551234567");
  CHECK(participant_hash({phone, phone.with_device(7)}) == "2:M9sCciVN");
  CHECK(participant_hash({phone.with_device(7), phone}) == "2:M9sCciVN");
  CHECK(participant_hash({phone}) != "2:M9sCciVN");
}
