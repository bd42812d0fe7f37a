#include "daemon/session/group_query.h"

#include "daemon/wa/groups.h"

namespace konekwa::session {
namespace {

const wa::Jid kList{"", wa::Server::Group, 0};
constexpr Duration kAnswerTimeout = seconds(20);   // a caller of the API may wait

// IqClient puts the server's "code text" into the details.
bool is_not_ours(const Error& error) {
  return error.code == ErrorCode::PROTOCOL &&
         (error.details.starts_with("401") || error.details.starts_with("403") || error.details.starts_with("404"));
}

}  // namespace

void GroupQuery::fetch(const wa::Jid& group, Done done) {
  auto& waiting = waiting_[group];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  link_.iq.request(wa::group_iq(link_.iq.next_id(), group), alive_.guard([this, group](Result<wa::Node> node) {
    if (!node && is_not_ours(node.error())) {
      link_.device.groups().erase(group);
      // Who of its members is there when we come back must not read on with the key of before.
      link_.device.signal().sender_keys().forget(group, link_.device.addresses().canonical(link_.device.jid()));
      return answer(group, fail(ErrorCode::NOT_GROUP_MEMBER, to_string(group)));
    }
    if (!node) return answer(group, fail(node.error()));
    auto parsed = wa::parse_group_answer(*node);
    if (!parsed) return answer(group, fail(parsed.error()));
    if (parsed->jid != group) return answer(group, fail(ErrorCode::PROTOCOL, "an answer about another group"));
    link_.device.groups().put(std::move(*parsed), link_.now());
    answer(group, {});
  }), kAnswerTimeout);
}

void GroupQuery::fetch_all(Done done) {
  if (is_listed_) return done({});
  auto& waiting = waiting_[kList];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  link_.iq.request(wa::participating_groups_iq(link_.iq.next_id()), alive_.guard([this](Result<wa::Node> node) {
    auto parsed = node ? wa::parse_groups_answer(*node) : Result<std::vector<wa::Group>>(fail(node.error()));
    if (!parsed) return answer(kList, fail(parsed.error()));
    link_.device.groups().put_all(std::move(*parsed), link_.now());
    is_listed_ = true;
    answer(kList, {});
  }), kAnswerTimeout);
}

void GroupQuery::answer(const wa::Jid& group, const Result<>& result) {
  auto waiting = waiting_.extract(group);
  if (waiting.empty()) return;
  for (const Done& done : waiting.mapped()) done(result);
}

}  // namespace konekwa::session
