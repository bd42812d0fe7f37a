#include "daemon/sandbox/group_answers.h"

#include "common/log.h"
#include "common/utf8.h"
#include "daemon/sandbox/group_changes.h"
#include "daemon/sandbox/group_nodes.h"
#include "daemon/sandbox/group_requests.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {
namespace {

struct Question {
  Network& network;
  Party who;
  const wa::Node& iq;
  const wa::Node& body;    // its child
  Group* group;            // nobody's when the iq is to g.us
};

wa::Node result_with(const Question& ask, wa::Node child) {
  wa::Node result = wa::iq_result(ask.iq);
  result.add(std::move(child));
  return result;
}

wa::Node refused(const Question& ask, int code) {
  static constexpr std::pair<int, const char*> kTexts[] = {
      {304, "not-modified"}, {400, "bad-request"},    {401, "not-authorized"}, {403, "forbidden"},
      {404, "item-not-found"}, {405, "not-allowed"},  {406, "not-acceptable"}, {409, "conflict"},
      {410, "gone"},         {419, "resource-limit"}, {501, "feature-not-implemented"},
  };
  const auto found =
      std::find_if(std::begin(kTexts), std::end(kTexts), [&](const auto& one) { return one.first == code; });
  return wa::iq_error(ask.iq, code, found == std::end(kTexts) ? "error" : found->second);
}

std::vector<wa::Jid> participants_of(const wa::Node& node) {
  std::vector<wa::Jid> jids;
  for (const wa::Node* one : node.children("participant")) {
    if (const auto jid = one->jid("jid")) jids.push_back(*jid);
  }
  return jids;
}

std::uint32_t expiration_of(const wa::Node& ephemeral) {
  const std::int64_t seconds = ephemeral.number("expiration").value_or(0);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, 0xFFFFFFFF));
}

bool is_on(const wa::Node& approval_mode) {
  const wa::Node* join = approval_mode.child("group_join");
  return join && join->attr("state") == "on";
}

bool is_subject(const std::string& text) { return !text.empty() && count_characters(text) <= kGroupSubjectMax; }

// --- to g.us ---

wa::Node create(Question& ask) {
  GroupPlan plan;
  plan.subject = ask.body.attr("subject");
  if (!is_subject(plan.subject)) return refused(ask, 406);
  plan.members = participants_of(ask.body);
  plan.is_announcement = ask.body.child("announcement") != nullptr;
  plan.is_locked = ask.body.child("locked") != nullptr;
  if (const wa::Node* mode = ask.body.child("member_add_mode")) plan.may_all_add = mode->text() != "admin_add";
  if (const wa::Node* ephemeral = ask.body.child("ephemeral")) plan.ephemeral_s = expiration_of(*ephemeral);
  if (const wa::Node* description = ask.body.child("description")) {
    plan.description_id = description->attr("id");
    if (const wa::Node* text = description->child("body")) plan.description = text->text();
  }
  if (const wa::Node* mode = ask.body.child("membership_approval_mode")) plan.needs_approval = is_on(*mode);
  const CreatedGroup created = create_group(ask.network, ask.who, plan);
  wa::Node group = group_node(ask.network, created.group);
  for (const MemberChange& change : created.members) {
    if (change.error != 0) group.add(result_node(ask.network, created.group, change));
  }
  return result_with(ask, group);
}

wa::Node participating(Question& ask) {
  wa::Node groups("groups");
  for (const auto& [id, group] : ask.network.groups.all()) {
    if (!group->has(ask.who.account.lid)) continue;
    groups.add(ask.body.child("participants") ? group_node(ask.network, *group)
                                              : group_summary_node(ask.network, *group));
  }
  return result_with(ask, groups);
}

// The group of a link, or what is wrong with the link.
std::variant<Group*, int> group_of_link(Question& ask) {
  const std::string code = ask.body.attr("code");
  if (Group* group = ask.network.groups.find_code(code)) return group;
  return ask.network.groups.is_old_code(code) ? 410 : 404;
}

wa::Node link_info(Question& ask) {
  const auto found = group_of_link(ask);
  if (const int* error = std::get_if<int>(&found)) return refused(ask, *error);
  return result_with(ask, group_summary_node(ask.network, *std::get<Group*>(found)));
}

wa::Node join(Question& ask) {
  const auto found = group_of_link(ask);
  if (const int* error = std::get_if<int>(&found)) return refused(ask, *error);
  Group& group = *std::get<Group*>(found);
  if (group.has(ask.who.account.lid)) return refused(ask, 304);
  if (group.removed_lids.contains(ask.who.account.lid)) return refused(ask, 405);
  if (group.members.size() >= kGroupMembersMax) return refused(ask, 419);
  if (group.needs_approval) {
    if (!ask_to_join(ask.network, group, ask.who)) return refused(ask, 419);
    return result_with(ask, wa::Node("membership_approval_request", {{"jid", group.jid()}}));
  }
  join_by_link(ask.network, group, ask.who);
  return result_with(ask, wa::Node("group", {{"jid", group.jid()}}));
}

wa::Node leave(Question& ask) {
  wa::Node left("leave");
  for (const wa::Node* one : ask.body.children("group")) {
    const auto jid = one->jid("id");
    Group* group = jid ? ask.network.groups.find(*jid) : nullptr;
    wa::Node answer("group", {{"id", one->attr("id")}});
    if (group && group->has(ask.who.account.lid)) {
      leave_group(ask.network, *group, ask.who);
    } else {
      answer.set_number("error", 404);
    }
    left.add(answer);
  }
  return result_with(ask, left);
}

// --- to a group ---

wa::Node metadata(Question& ask) { return result_with(ask, group_node(ask.network, *ask.group)); }

wa::Node change_the_members(Question& ask, MemberAction action) {
  wa::Node answer(ask.body.tag);
  const auto changes = change_members(ask.network, *ask.group, ask.who, action, participants_of(ask.body));
  for (const MemberChange& change : changes) answer.add(result_node(ask.network, *ask.group, change));
  return result_with(ask, answer);
}

wa::Node add(Question& ask) { return change_the_members(ask, MemberAction::Add); }
wa::Node remove(Question& ask) { return change_the_members(ask, MemberAction::Remove); }
wa::Node promote(Question& ask) { return change_the_members(ask, MemberAction::Promote); }
wa::Node demote(Question& ask) { return change_the_members(ask, MemberAction::Demote); }

wa::Node rename(Question& ask) {
  if (!is_subject(ask.body.text())) return refused(ask, 406);
  set_subject(ask.network, *ask.group, ask.who, ask.body.text());
  return wa::iq_result(ask.iq);
}

wa::Node describe(Question& ask) {
  const auto& present = ask.group->description;
  if (ask.body.attr("prev") != (present ? present->id : "")) return refused(ask, 409);
  const wa::Node* text = ask.body.child("body");
  const bool is_deletion = ask.body.attr("delete") == "true";
  if (!is_deletion && (!text || text->text().empty())) return refused(ask, 400);
  if (text && count_characters(text->text()) > kGroupDescriptionMax) return refused(ask, 406);
  set_description(ask.network, *ask.group, ask.who, ask.body.attr("id"), is_deletion ? "" : text->text());
  return wa::iq_result(ask.iq);
}

// The settings that are one element: what it changes in the group, and the same element for the others.
wa::Node change_setting(Question& ask) {
  Group& group = *ask.group;
  const std::string& tag = ask.body.tag;
  wa::Node news(tag);
  if (tag == "announcement" || tag == "not_announcement") group.is_announcement = tag == "announcement";
  if (tag == "locked" || tag == "unlocked") group.is_locked = tag == "locked";
  if (tag == "not_ephemeral") group.ephemeral_s = 0;
  if (tag == "ephemeral") {
    group.ephemeral_s = expiration_of(ask.body);
    news.set_number("expiration", group.ephemeral_s);
  }
  if (tag == "member_add_mode") {
    if (ask.body.text() != "all_member_add" && ask.body.text() != "admin_add") return refused(ask, 400);
    group.may_all_add = ask.body.text() == "all_member_add";
    news.content = to_bytes(ask.body.bytes());
  }
  announce_change(ask.network, group, ask.who, news);
  return wa::iq_result(ask.iq);
}

wa::Node invite_code(Question& ask) {
  return result_with(ask, wa::Node("invite", {{"code", ask.group->invite_code}}));
}

wa::Node new_code(Question& ask) {
  reset_invite(ask.network, *ask.group, ask.who);
  return invite_code(ask);
}

wa::Node set_approval_mode(Question& ask) {
  set_approval(ask.network, *ask.group, ask.who, is_on(ask.body));
  return wa::iq_result(ask.iq);
}

wa::Node requests(Question& ask) {
  wa::Node list("membership_approval_requests");
  for (const auto& [lid, at] : ask.group->requests) {
    const Account* account = ask.network.directory.find_lid(lid);
    if (!account) continue;
    wa::Node one = participant_node(*ask.group, *account);
    one.tag = "membership_approval_request";
    one.set("request_method", "invite_link");
    one.set_number("request_time", unix_seconds(at));
    list.add(one);
  }
  return result_with(ask, list);
}

wa::Node settle(Question& ask) {
  const wa::Node* action = ask.body.first_child();
  if (!action || (action->tag != "approve" && action->tag != "reject")) return refused(ask, 400);
  wa::Node answer(action->tag);
  const bool is_approval = action->tag == "approve";
  for (const Verdict& one :
       settle_requests(ask.network, *ask.group, ask.who, is_approval, participants_of(*action))) {
    wa::Node person = one.account ? participant_node(*ask.group, *one.account)
                                  : wa::Node("participant", {{"jid", one.asked.user_jid()}});
    if (one.error != 0) person.set_number("error", one.error);
    answer.add(person);
  }
  return result_with(ask, wa::Node("membership_requests_action", {}, wa::Node::Children{answer}));
}

wa::Node withdraw(Question& ask) {
  if (!withdraw_request(ask.network, *ask.group, ask.who)) return refused(ask, 404);
  return wa::iq_result(ask.iq);
}

wa::Node accept(Question& ask) {
  Group& group = *ask.group;
  if (group.has(ask.who.account.lid)) return refused(ask, 409);
  if (group.members.size() >= kGroupMembersMax) return refused(ask, 419);
  if (!accept_invitation(ask.network, group, ask.who, ask.body.attr("code"))) return refused(ask, 410);
  return wa::iq_result(ask.iq);
}

wa::Node revoke(Question& ask) {
  wa::Node answer("revoke");
  for (const wa::Jid& jid : participants_of(ask.body)) {
    revoke_invitation(ask.network, *ask.group, jid);
    answer.add(wa::Node("participant", {{"jid", jid}}));
  }
  return result_with(ask, answer);
}

enum class Right : std::uint8_t {
  Anybody,     // the iq is to g.us
  Outsider,    // who is no member, too
  Member,
  Adder,       // an admin, or a member where all may add
  Editor,      // an admin, or a member unless the group is locked
  Admin
};

struct Route {
  std::string_view type, child;
  Right right;
  wa::Node (*answer)(Question&);
};

constexpr Route kRoutes[] = {
    {"set", "create", Right::Anybody, create},
    {"get", "participating", Right::Anybody, participating},
    {"get", "invite", Right::Anybody, link_info},
    {"set", "invite", Right::Anybody, join},
    {"set", "leave", Right::Anybody, leave},
    {"get", "query", Right::Member, metadata},
    {"get", "membership_approval_requests", Right::Admin, requests},
    {"set", "membership_requests_action", Right::Admin, settle},
    {"set", "membership_approval_mode", Right::Admin, set_approval_mode},
    {"set", "cancel_membership_requests", Right::Outsider, withdraw},
    {"set", "accept", Right::Outsider, accept},
    {"set", "revoke", Right::Admin, revoke},
    {"set", "add", Right::Adder, add},
    {"set", "remove", Right::Admin, remove},
    {"set", "promote", Right::Admin, promote},
    {"set", "demote", Right::Admin, demote},
    {"set", "subject", Right::Editor, rename},
    {"set", "description", Right::Editor, describe},
    {"set", "announcement", Right::Admin, change_setting},
    {"set", "not_announcement", Right::Admin, change_setting},
    {"set", "locked", Right::Admin, change_setting},
    {"set", "unlocked", Right::Admin, change_setting},
    {"set", "ephemeral", Right::Editor, change_setting},
    {"set", "not_ephemeral", Right::Editor, change_setting},
    {"set", "member_add_mode", Right::Admin, change_setting},
    {"get", "invite", Right::Admin, invite_code},
    {"set", "invite", Right::Admin, new_code},
};

bool is_allowed(const Group& group, const std::string& lid, Right right) {
  if (group.has_admin(lid) || right == Right::Member) return true;
  return (right == Right::Adder && group.may_all_add) || (right == Right::Editor && !group.is_locked);
}

}  // namespace

wa::Node answer_group_iq(Network& network, const Party& who, const wa::Node& iq) {
  static const wa::Node kNothing;
  const auto to = iq.jid("to");
  Question ask{network, who, iq, iq.first_child() ? *iq.first_child() : kNothing, nullptr};
  if (!to || to->server != wa::Server::Group) return refused(ask, 400);
  const bool is_to_all = to->user.empty();
  for (const Route& route : kRoutes) {
    if (route.type != iq.attr("type") || route.child != ask.body.tag) continue;
    if ((route.right == Right::Anybody) != is_to_all) continue;
    if (is_to_all) return route.answer(ask);
    ask.group = network.groups.find(*to);
    if (!ask.group) return refused(ask, 404);
    if (route.right == Right::Outsider) return route.answer(ask);
    if (!ask.group->has(who.account.lid)) return refused(ask, 403);
    if (!is_allowed(*ask.group, who.account.lid, route.right)) return refused(ask, 401);
    return route.answer(ask);
  }
  log::info("sandbox", "no answer to iq {} w:g2 <{}>", iq.attr("type"), ask.body.tag);
  return refused(ask, 501);
}

}  // namespace konekwa::sandbox
