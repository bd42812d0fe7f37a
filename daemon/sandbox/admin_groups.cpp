#include "daemon/sandbox/admin_groups.h"

#include <nlohmann/json.hpp>

#include "common/utf8.h"
#include "daemon/sandbox/group_changes.h"
#include "daemon/sandbox/group_nodes.h"
#include "daemon/sandbox/group_requests.h"
#include "daemon/sandbox/phone_operations.h"

namespace konekwa::sandbox {
namespace {

Json describe(Network& network, const Group& group) {
  const auto number_of = [&](const std::string& lid) {
    const Account* account = network.directory.find_lid(lid);
    return account ? account->number : "";
  };
  Json members = Json::array();
  for (const GroupMember& one : group.members) {
    const std::string rank = one.rank == GroupMember::Rank::Member ? "member" : std::string(to_string(one.rank));
    members.push_back({{"phone_number", number_of(one.lid)}, {"lid", one.lid}, {"rank", rank}});
  }
  Json requests = Json::array();
  for (const auto& [lid, at] : group.requests) requests.push_back(number_of(lid));
  return {{"id", to_string(group.jid())},
          {"subject", group.subject},
          {"description", group.description ? group.description->text : ""},
          {"addressing_mode", group.is_lid_addressed ? "lid" : "pn"},
          {"creator", number_of(group.creator_lid)},
          {"created_at", to_rfc3339(group.created_at)},
          {"announcement", group.is_announcement},
          {"locked", group.is_locked},
          {"member_add_mode", group.may_all_add ? "all_member_add" : "admin_add"},
          {"needs_approval", group.needs_approval},
          {"ephemeral_s", group.ephemeral_s},
          {"invite_code", group.invite_code},
          {"requests", requests},
          {"members", members}};
}

Result<std::vector<wa::Jid>> numbers_in(const Call& call, const char* name) {
  const auto found = call.json.find(name);
  const Error wrong = Error(ErrorCode::INVALID_REQUEST, std::string(name) + ": a list of phone numbers");
  if (found == call.json.end() || !found->is_array()) return fail(wrong);
  std::vector<wa::Jid> jids;
  for (const Json& one : *found) {
    if (!one.is_string()) return fail(wrong);
    jids.push_back(wa::Jid::pn(one.get<std::string>()));
  }
  return jids;
}

Json describe(const std::vector<MemberChange>& changes) {
  Json results = Json::array();
  for (const MemberChange& one : changes) {
    results.push_back({{"phone_number", one.asked.user}, {"error", one.error}});
  }
  return results;
}

// Who acts: the phone of the account in `by`, else of the creator, else of the first admin.
Result<Party> actor_of(Call& call, const Group& group, const char* by) {
  Account* account = nullptr;
  if (const std::string number = field(call, by); !number.empty()) {
    account = call.network.directory.find_number(number);
    if (!account || !group.has(account->lid)) return fail(ErrorCode::NOT_FOUND, number + " is no member of the group");
  } else if (group.has(group.creator_lid)) {
    account = call.network.directory.find_lid(group.creator_lid);
  } else {
    const auto admin = std::find_if(group.members.begin(), group.members.end(),
                                    [&](const GroupMember& one) { return group.has_admin(one.lid); });
    if (admin != group.members.end()) account = call.network.directory.find_lid(admin->lid);
  }
  if (!account) return fail(ErrorCode::NOT_FOUND, "the group has no admin");
  return Party{*account, account->devices.at(0)};
}

Answer change(Call& call, MemberAction action) {
  const auto group = group_at(call.network, call.path[1]);
  if (!group) return fail(group.error());
  const auto numbers = numbers_in(call, "numbers");
  if (!numbers) return fail(numbers.error());
  const auto actor = actor_of(call, **group, "by");
  if (!actor) return fail(actor.error());
  return Json{{"results", describe(change_members(call.network, **group, *actor, action, *numbers))}};
}

struct Flag {
  const char* name;
  bool Group::* member;
  const char* on;     // the notification's child
  const char* off;
};
constexpr Flag kFlags[] = {
    {"announcement", &Group::is_announcement, "announcement", "not_announcement"},
    {"locked", &Group::is_locked, "locked", "unlocked"},
};

}  // namespace

std::string field(const Call& call, const char* name) {
  const auto found = call.json.find(name);
  return found != call.json.end() && found->is_string() ? found->get<std::string>() : "";
}

Answer create_group_by_admin(Call& call) {
  const auto creator = account_at(call.network, field(call, "creator"));
  if (!creator) return fail(creator.error());
  const auto members = numbers_in(call, "members");
  if (!members) return fail(members.error());
  GroupPlan plan;
  plan.subject = field(call, "subject");
  plan.members = *members;
  if (plan.subject.empty() || count_characters(plan.subject) > kGroupSubjectMax) {
    return fail(ErrorCode::INVALID_REQUEST, fmt::format("subject: 1 to {} characters", kGroupSubjectMax));
  }
  const std::string mode = field(call, "addressing_mode");
  if (!mode.empty() && mode != "lid" && mode != "pn") {
    return fail(ErrorCode::INVALID_REQUEST, "addressing_mode: lid or pn");
  }
  plan.is_lid_addressed = mode != "pn";
  const Party phone{**creator, (*creator)->devices.at(0)};
  const CreatedGroup created = create_group(call.network, phone, plan);
  Json answer = describe(call.network, created.group);
  answer["results"] = describe(created.members);
  return answer;
}

Answer list_groups(Call& call) {
  Json groups = Json::array();
  for (const auto& [id, group] : call.network.groups.all()) groups.push_back(describe(call.network, *group));
  return Json{{"groups", groups}};
}

Answer show_group(Call& call) {
  const auto group = group_at(call.network, call.path[1]);
  if (!group) return fail(group.error());
  return describe(call.network, **group);
}

Answer add_to_group(Call& call) { return change(call, MemberAction::Add); }
Answer remove_from_group(Call& call) { return change(call, MemberAction::Remove); }
Answer promote_in_group(Call& call) { return change(call, MemberAction::Promote); }
Answer demote_in_group(Call& call) { return change(call, MemberAction::Demote); }

Answer leave_by_admin(Call& call) {
  const auto group = group_at(call.network, call.path[1]);
  if (!group) return fail(group.error());
  const auto actor = actor_of(call, **group, "from");
  if (!actor) return fail(actor.error());
  leave_group(call.network, **group, *actor);
  return Json::object();
}

Answer change_group(Call& call) {
  const auto found = group_at(call.network, call.path[1]);
  if (!found) return fail(found.error());
  Group& group = **found;
  const auto actor = actor_of(call, group, "by");
  if (!actor) return fail(actor.error());
  if (const std::string subject = field(call, "subject"); !subject.empty()) {
    set_subject(call.network, group, *actor, subject);
  }
  if (const auto text = call.json.find("description"); text != call.json.end() && text->is_string()) {
    set_description(call.network, group, *actor, call.network.new_id(), text->get<std::string>());
  }
  if (const auto seconds = call.json.find("ephemeral_s");
      seconds != call.json.end() && seconds->is_number_unsigned()) {
    group.ephemeral_s = seconds->get<std::uint32_t>();
    wa::Node news(group.ephemeral_s > 0 ? "ephemeral" : "not_ephemeral");
    if (group.ephemeral_s > 0) news.set_number("expiration", group.ephemeral_s);
    announce_change(call.network, group, *actor, news);
  }
  for (const Flag& flag : kFlags) {
    const auto value = call.json.find(flag.name);
    if (value == call.json.end() || !value->is_boolean()) continue;
    group.*flag.member = value->get<bool>();
    announce_change(call.network, group, *actor, wa::Node(value->get<bool>() ? flag.on : flag.off));
  }
  if (const auto value = call.json.find("needs_approval"); value != call.json.end() && value->is_boolean()) {
    set_approval(call.network, group, *actor, value->get<bool>());
  }
  return describe(call.network, group);
}

// {"group": a subject, or "" for none}: each account that is made from here on founds a group of this subject.
Answer set_newcomers(Call& call) {
  const std::string subject = field(call, "group");
  if (count_characters(subject) > kGroupSubjectMax) {
    return fail(ErrorCode::INVALID_REQUEST, fmt::format("group: at most {} characters", kGroupSubjectMax));
  }
  call.network.newcomers_group = subject;
  return Json{{"group", subject}};
}

Answer say_in_group(Call& call) {
  const auto group = group_at(call.network, call.path[1]);
  if (!group) return fail(group.error());
  if (field(call, "text").empty()) return fail(ErrorCode::INVALID_REQUEST, "text: a text is required");
  Saying saying;
  saying.text = field(call, "text");
  const auto id = say(call.network, field(call, "from"), to_string((*group)->jid()), saying);
  if (!id) return fail(id.error());
  return Json{{"id", *id}};
}

}  // namespace konekwa::sandbox
