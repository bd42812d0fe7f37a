#include "daemon/session/inbound_changes.h"

#include "common/json.h"
#include "daemon/events/event_log.h"
#include "daemon/session/content_fields.h"
#include "daemon/store/groups.h"
#include "daemon/store/message_media.h"

#include <nlohmann/json.hpp>

namespace konekwa::session {
namespace {

using Kind = wa::Content::Kind;

// The message that a deed is about; only with its author may one be edited or deleted by them.
struct Target {
  std::optional<store::MessageRow> row;
  Bytes secret;
  std::vector<std::string> author_jids;
};

Target find_target(store::Database& db, const Deed& deed, const std::string& id) {
  Target out;
  for (const bool outbound : {deed.is_own, !deed.is_own}) {
    out.row = store::messages::find_by_wa_id(db, deed.session, id, outbound);
    const auto& names = deed.chat_names;
    if (out.row && std::find(names.begin(), names.end(), out.row->chat_id) != names.end()) break;
    out.row.reset();
  }
  if (!out.row) return out;
  if (out.row->outbound) {
    out.author_jids = deed.own_jids;
  } else {
    if (!out.row->sender_lid.empty()) out.author_jids.push_back(out.row->sender_lid);
    if (!out.row->sender.empty()) out.author_jids.push_back(out.row->sender + "@s.whatsapp.net");
  }
  if (const auto wire = store::message_wire::find(db, out.row->sequence)) {
    if (const auto said = wa::parse_content(*wire)) out.secret = said->message_secret;
  }
  return out;
}

// The addresses under which it was sealed are not said: each pair is tried, LIDs first as WhatsApp Web does.
std::optional<Bytes> open_payload(const Deed& deed, const wa::Content& content, const Target& target) {
  if (!content.secret_payload || target.secret.empty()) return std::nullopt;
  for (const std::string& author : target.author_jids) {
    for (const std::string& actor : deed.sender_jids) {
      auto opened = wa::open_secret_payload(*content.secret_payload, target.secret, content.target->id, author, actor);
      if (opened) return std::move(*opened);
    }
  }
  return std::nullopt;
}

Json deed_json(const Deed& deed, const wa::Content& content, const Target& target) {
  Json out;
  if (target.row) out["message_id"] = target.row->id;
  out["wa_message_id"] = content.target->id;
  out["chat_id"] = deed.chat_id;
  out["is_group"] = deed.chat_id.ends_with("@g.us");
  if (!deed.sender.empty()) out["sender"] = deed.sender;
  if (!deed.sender_lid.empty()) out["sender_lid"] = deed.sender_lid;
  if (!deed.sender_name.empty()) out["sender_name"] = deed.sender_name;
  out["from_me"] = deed.is_own;
  out["timestamp"] = to_rfc3339(deed.at);
  return out;
}

void tell(store::Database& db, const Deed& deed, const char* event_type, const Json& data, Time now, Random& ids) {
  // What the owner does on the phone concerns few.
  events::append(db, {deed.session, event_type, deed.chat_id, std::nullopt, !deed.is_own}, data, now, ids);
}

void record_reaction(store::Database& db, const Deed& deed, const wa::Content& content, const Target& target, Time now,
                     Random& ids) {
  Json data = deed_json(deed, content, target);
  if (!content.secret_payload) {
    data["emoji"] = content.text;
  } else if (const auto opened = open_payload(deed, content, target)) {
    if (const auto emoji = wa::parse_reaction(*opened)) data["emoji"] = *emoji;
  }
  data["removed"] = data.contains("emoji") && data["emoji"] == "";
  tell(db, deed, "message.reaction", data, now, ids);
}

// Only the author's deed counts, whoever claims it.
bool is_author(const Deed& deed, const Target& target) {
  if (!target.row) return false;
  if (deed.is_own || target.row->outbound) return deed.is_own && target.row->outbound;
  return (!deed.sender_lid.empty() && deed.sender_lid == target.row->sender_lid) ||
         (!deed.sender.empty() && deed.sender == target.row->sender);
}

std::optional<wa::Content> edited_content(const Deed& deed, const wa::Content& content, const Target& target) {
  if (!content.secret_payload) {
    const auto edited = wa::parse_content(content.edited);
    return edited ? std::optional(*edited) : std::nullopt;
  }
  const auto opened = open_payload(deed, content, target);
  if (!opened) return std::nullopt;
  const auto inner = wa::parse_content(*opened);
  if (!inner || inner->kind != Kind::Edit) return std::nullopt;
  const auto edited = wa::parse_content(inner->edited);
  return edited ? std::optional(*edited) : std::nullopt;
}

void record_edit(store::Database& db, const Deed& deed, const wa::Content& content, const Target& target, Time now,
                 Random& ids) {
  if (target.row && !is_author(deed, target)) return;
  Json data = deed_json(deed, content, target);
  if (const auto edited = edited_content(deed, content, target)) {
    const bool is_caption = edited->kind == Kind::Media;
    data[is_caption ? "caption" : "content"] = edited->text;
    if (target.row) store::messages::set_edited(db, target.row->sequence, edited->text, is_caption, deed.at);
  }
  tell(db, deed, "message.edited", data, now, ids);
}

// Their own clients hide the button from members who are no admins, and nobody else looks. As far as we know them: who
// has become one may have done so while we were not told.
bool may_delete_what_others_wrote(store::Database& db, const Deed& deed) {
  const auto group = store::groups::find(db, deed.session, deed.chat_id);
  if (!group || !group->fetched_at) return deed.chat_id.ends_with("@g.us");
  const auto is_actor = [&](const std::string& jid) {
    return std::find(deed.sender_jids.begin(), deed.sender_jids.end(), jid) != deed.sender_jids.end();
  };
  return std::any_of(group->members.begin(), group->members.end(), [&](const store::GroupMemberRow& member) {
    return member.role != "member" && (is_actor(member.jid) || is_actor(member.alternate));
  });
}

void record_revocation(store::Database& db, const Deed& deed, const wa::Content& content, const Target& target,
                       Time now, Random& ids) {
  if (target.row && !is_author(deed, target) && !may_delete_what_others_wrote(db, deed)) return;
  Json data = deed_json(deed, content, target);
  data["by_admin"] = target.row && !is_author(deed, target);
  if (target.row) store::messages::set_revoked(db, target.row->sequence, deed.at);
  tell(db, deed, "message.revoked", data, now, ids);
}

void record_vote(store::Database& db, const Deed& deed, const wa::Content& content, const Target& target, Time now,
                 Random& ids) {
  Json data = deed_json(deed, content, target);
  const auto opened = open_payload(deed, content, target);
  if (opened) {
    const std::vector<Bytes> chosen = wa::parse_poll_vote(*opened);
    Json options = Json::array();
    const auto wire = store::message_wire::find(db, target.row->sequence);
    const auto poll = wire ? wa::parse_content(*wire) : Result<wa::Content>(fail(ErrorCode::NOT_FOUND));
    for (const std::string& option : poll && poll->poll ? poll->poll->options : std::vector<std::string>()) {
      const Bytes hash = wa::poll_option_hash(option);
      if (std::find(chosen.begin(), chosen.end(), hash) != chosen.end()) options.push_back(option);
    }
    data["options"] = std::move(options);
  }
  tell(db, deed, "message.poll_vote", data, now, ids);
}

}  // namespace

bool is_deed(Kind kind) {
  return kind == Kind::Reaction || kind == Kind::Edit || kind == Kind::Revoke || kind == Kind::PollVote;
}

void record_deed(store::Database& db, const Deed& deed, const wa::Content& content, Time now, Random& ids) {
  const Target target = find_target(db, deed, content.target->id);
  switch (content.kind) {
    case Kind::Reaction: return record_reaction(db, deed, content, target, now, ids);
    case Kind::Edit: return record_edit(db, deed, content, target, now, ids);
    case Kind::Revoke: return record_revocation(db, deed, content, target, now, ids);
    case Kind::PollVote: return record_vote(db, deed, content, target, now, ids);
    default: return;
  }
}

}  // namespace konekwa::session
