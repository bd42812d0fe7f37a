#include "daemon/sandbox/group_requests.h"

#include "daemon/sandbox/group_changes.h"
#include "daemon/sandbox/group_nodes.h"

namespace konekwa::sandbox {
namespace {

constexpr int kNoRequest = 404;

std::vector<Account*> admins_of(Network& network, const Group& group) {
  std::vector<Account*> admins = accounts_of(network, group);
  std::erase_if(admins, [&](const Account* one) { return !group.has_admin(one->lid); });
  return admins;
}

void tell_of_requests(Network& network, Group& group, const Party& actor, wa::Node change,
                      const std::vector<Account*>& more) {
  std::vector<Account*> audience = admins_of(network, group);
  audience.insert(audience.end(), more.begin(), more.end());
  notify(network, audience, group_notification(network, group, &actor, std::move(change)), &actor.device);
  network.keeper.touched();
}

}  // namespace

void set_approval(Network& network, Group& group, const Party& actor, bool is_on) {
  group.needs_approval = is_on;
  announce_change(network, group, actor, approval_node(group));
}

bool ask_to_join(Network& network, Group& group, const Party& who) {
  if (group.requests.size() >= kGroupRequestsMax) return false;
  if (!group.requests.emplace(who.account.lid, network.now()).second) return true;
  wa::Node user = participant_node(group, who.account);
  user.tag = "requested_user";
  const wa::Node change("created_membership_requests", {{"request_method", "invite_link"}}, wa::Node::Children{user});
  tell_of_requests(network, group, who, change, {});
  return true;
}

bool withdraw_request(Network& network, Group& group, const Party& who) {
  if (group.requests.erase(who.account.lid) == 0) return false;
  const wa::Node change("revoked_membership_requests", {}, wa::Node::Children{participant_node(group, who.account)});
  tell_of_requests(network, group, who, change, {});
  return true;
}

std::vector<Verdict> settle_requests(Network& network, Group& group, const Party& actor, bool is_approval,
                                     const std::vector<wa::Jid>& whom) {
  std::vector<Verdict> verdicts;
  std::vector<wa::Jid> admitted;
  std::vector<Account*> rejected;
  wa::Node rejection("revoked_membership_requests");
  for (const wa::Jid& jid : whom) {
    Account* account = network.directory.find(jid);
    const bool has_asked = account && group.requests.erase(account->lid) > 0;
    verdicts.push_back({jid, account, has_asked ? 0 : kNoRequest});
    if (!has_asked) continue;
    if (is_approval) {
      admitted.push_back(jid);
    } else {
      rejected.push_back(account);
      rejection.add(participant_node(group, *account));
    }
  }
  if (!admitted.empty()) {
    const auto changes = change_members(network, group, actor, MemberAction::Admit, admitted);
    for (const MemberChange& change : changes) {
      for (Verdict& verdict : verdicts) {
        if (verdict.account == change.account && verdict.error == 0) verdict.error = change.error;
      }
    }
  }
  if (!rejected.empty()) tell_of_requests(network, group, actor, rejection, rejected);
  return verdicts;
}

wa::Node invite_account(Network& network, Group& group, const Account& account) {
  if (group.invitations.size() >= kGroupInvitationsMax) group.invitations.erase(group.invitations.begin());
  Group::Invitation& invitation = group.invitations[account.lid];
  invitation = {new_invite_code(network.random), network.now() + kInvitationLifetime};
  network.keeper.touched();
  wa::Node request("add_request", {{"code", invitation.code}});
  request.set_number("expiration", unix_seconds(invitation.expires_at));
  return request;
}

bool accept_invitation(Network& network, Group& group, const Party& who, const std::string& code) {
  const auto found = group.invitations.find(who.account.lid);
  if (found == group.invitations.end() || found->second.code != code) return false;
  const bool is_over = found->second.expires_at < network.now();
  group.invitations.erase(found);
  if (!is_over) join_by_link(network, group, who);
  return !is_over;
}

void revoke_invitation(Network& network, Group& group, const wa::Jid& whom) {
  const Account* account = network.directory.find(whom);
  if (account && group.invitations.erase(account->lid) > 0) network.keeper.touched();
}

}  // namespace konekwa::sandbox
