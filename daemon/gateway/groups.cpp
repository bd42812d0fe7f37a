// Gateway: the groups of a session, as WhatsApp describes them. What is known is refreshed first, if WhatsApp can be
// asked; the answer is what is known then.
#include <nlohmann/json.hpp>

#include "common/json_put.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/recipient.h"
#include "daemon/store/devices.h"
#include "daemon/store/groups.h"

namespace konekwa {
namespace {

constexpr std::string_view kPhoneServer = "@s.whatsapp.net";
constexpr std::string_view kGroupServer = "@g.us";

std::string digits_of(const std::string& jid) { return jid.substr(0, jid.find('@')); }

// The address that is a phone number, or a LID, or "".
std::string address(const std::string& jid, const std::string& alternate, bool is_number) {
  for (const std::string& each : {jid, alternate}) {
    if (!each.empty() && each.ends_with(kPhoneServer) == is_number) return is_number ? digits_of(each) : each;
  }
  return "";
}

// The number of somebody whom the group names by LID alone, if it was learned elsewhere.
std::string number_of(store::Database& db, const std::string& session, const std::string& jid,
                      const std::string& alternate) {
  const std::string number = address(jid, alternate, true);
  if (!number.empty() || jid.empty()) return number;
  return store::devices::pn_of(db, session, digits_of(jid)).value_or("");
}

Json group_json(store::Database& db, const store::GroupRow& row) {
  Json out = {{"id", row.jid}, {"session_id", row.session}, {"subject", row.subject}};
  put_text(out, "description", row.description);
  const std::string owner = number_of(db, row.session, row.owner, row.owner_alternate);
  put_text(out, "owner", owner.empty() ? row.owner : owner);
  out["size"] = row.size;
  out["addressing_mode"] = row.uses_lids ? "lid" : "pn";
  out["only_admins_send"] = row.is_announcement;
  out["only_admins_edit"] = row.is_locked;
  out["members_may_add"] = row.members_may_add;
  out["needs_approval"] = row.needs_approval;
  out["is_community"] = row.is_community;
  out["is_suspended"] = row.is_suspended;
  put_text(out, "community_id", row.community);
  out["disappearing_seconds"] = row.ephemeral_s;
  if (row.created_at) out["created_at"] = to_rfc3339(*row.created_at);
  return out;
}

Json members_json(store::Database& db, const store::GroupRow& row) {
  Json out = Json::array();
  for (const store::GroupMemberRow& member : row.members) {
    Json one = Json::object();
    put_text(one, "phone_number", number_of(db, row.session, member.jid, member.alternate));
    put_text(one, "lid", address(member.jid, member.alternate, false));
    one["role"] = member.role;
    out.push_back(std::move(one));
  }
  return out;
}

Result<Reply> list_reply(store::Readers& readers, const std::string& session) {
  return readers.get<Reply>([&](store::Database& db) {
    Json groups = Json::array();
    for (const store::GroupRow& row : store::groups::list(db, session)) groups.push_back(group_json(db, row));
    const std::size_t count = groups.size();
    return json_reply(200, {{"groups", std::move(groups)}, {"total_count", count}});
  });
}

Result<Reply> show_reply(store::Readers& readers, const std::string& session, const std::string& jid) {
  const auto body = readers.get<std::optional<Json>>([&](store::Database& db) -> std::optional<Json> {
    const auto row = store::groups::find(db, session, jid);
    if (!row) return std::nullopt;
    Json out = group_json(db, *row);
    out["participants"] = members_json(db, *row);
    return out;
  });
  if (!body) return fail(body.error());
  if (!*body) return fail(ErrorCode::GROUP_NOT_FOUND, jid);
  return json_reply(200, **body);
}

// "120363012345678901", with or without "@g.us".
Result<std::string> group_of(const std::string& id) {
  const bool has_server = id.find('@') != std::string::npos;
  const auto recipient = parse_recipient(has_server ? id : id + std::string(kGroupServer), "");
  const bool is_group = recipient && recipient->chat_id.ends_with(kGroupServer);
  if (!is_group) return fail(ErrorCode::GROUP_NOT_FOUND, id);
  return recipient->chat_id;
}

}  // namespace

void Gateway::list_groups(const Caller& caller, const Query& query, Answer answer) {
  const auto session = impl_->session_of(caller, query);
  if (!session) return answer(fail(session.error()));
  impl_->parts.sessions.refresh_groups(*session, "", [impl = impl_.get(), session = *session,
                                                      answer = std::move(answer)](const Result<>&) {
    answer(list_reply(impl->parts.readers, session));
  });
}

void Gateway::show_group(const Caller& caller, const std::string& id, const Query& query, Answer answer) {
  const auto session = impl_->session_of(caller, query);
  if (!session) return answer(fail(session.error()));
  const auto group = group_of(id);
  if (!group) return answer(fail(group.error()));
  impl_->parts.sessions.refresh_groups(*session, *group, [impl = impl_.get(), session = *session, group = *group,
                                                          answer = std::move(answer)](const Result<>&) {
    answer(show_reply(impl->parts.readers, session, group));
  });
}

// Which session a request is about; a list of groups has no meaning without one.
Result<std::string> Gateway::Impl::session_of(const Caller& caller, const Query& query) {
  const std::string id = find_parameter(query, "session_id");
  if (id.empty()) return fail(ErrorCode::INVALID_REQUEST, "session_id is required");
  const auto row = session(caller, id);
  if (!row) return fail(row.error());
  return row->id;
}

}  // namespace konekwa
