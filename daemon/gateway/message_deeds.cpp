// Gateway: what is done to a message that is there: react, edit, delete for everyone, cancel. What WhatsApp has to hear
// of it is a message of its own in the outbox, of the type "reaction", "edit" or "revoke", which names its target.
#include <nlohmann/json.hpp>

#include "common/id.h"
#include "daemon/events/event_log.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/message_request.h"

namespace konekwa {
namespace {

using store::MessageRow;
using store::MessageState;

constexpr Duration kDeedLifetime = hours(24);
constexpr Duration kEditWindow = minutes(15);      // phones offer no more, and ignore what comes much later
constexpr std::size_t kEmojiBytesMax = 64;         // of one that is joined of many

struct Deed {
  const char* type;
  std::string content;                             // an emoji, the new text
  std::optional<Error> (*problem)(const MessageRow& target, Time now);
};

bool was_sent(const MessageRow& row) {
  return row.state == MessageState::SENT || row.state == MessageState::DELIVERED || row.state == MessageState::READ;
}

bool is_deed(const MessageRow& row) {
  return row.message_type == "reaction" || row.message_type == "edit" || row.message_type == "revoke";
}

std::optional<Error> reaction_problem(const MessageRow& target, Time) {
  if (is_deed(target)) return Error(ErrorCode::CONFLICT, "this is no message that can be reacted to");
  if (was_sent(target) || target.state == MessageState::RECEIVED) return std::nullopt;
  return Error(ErrorCode::CONFLICT, fmt::format("the message is {}", store::to_string(target.state)));
}

std::optional<Error> edit_problem(const MessageRow& target, Time now) {
  if (!target.outbound || target.message_type != "text") {
    return Error(ErrorCode::CONFLICT, "only a text that was sent can be edited");
  }
  if (!was_sent(target)) {
    return Error(ErrorCode::CONFLICT, fmt::format("the message is {}", store::to_string(target.state)));
  }
  if (now - target.sent_at.value_or(target.created_at) <= kEditWindow) return std::nullopt;
  return Error(ErrorCode::CONFLICT, "a message can be edited for 15 minutes");
}

std::optional<Error> revocation_problem(const MessageRow& target, Time) {
  if (target.outbound && was_sent(target) && !is_deed(target)) return std::nullopt;
  return Error(ErrorCode::MESSAGE_ALREADY_SENT, std::string(store::to_string(target.state)));
}

// In a group a message is known by its author too.
std::string participant_of(const MessageRow& target) {
  if (target.outbound || !target.chat_id.ends_with("@g.us")) return {};
  return target.sender_lid.empty() ? target.sender + "@s.whatsapp.net" : target.sender_lid;
}

std::string recipient_of(const MessageRow& target) {
  if (target.outbound) return target.recipient;
  if (target.chat_id.ends_with("@g.us")) return target.chat_id;
  return target.sender.empty() ? target.sender_lid : target.sender;
}

MessageRow row_of(const Deed& deed, const MessageRow& target, Time now, Random& random) {
  Json about = {{"message_id", target.id}, {"wa_message_id", target.wa_message_id}, {"from_me", target.outbound}};
  if (const std::string author = participant_of(target); !author.empty()) about["participant"] = author;
  MessageRow row;
  row.id = new_ordered_id("msg_", now, random);
  row.tenant = target.tenant;
  row.session = target.session;
  row.recipient = recipient_of(target);
  row.chat_id = target.chat_id;
  row.message_type = deed.type;
  row.content = deed.content;
  row.fields = Json{{"target", std::move(about)}}.dump();
  row.wa_message_id = Gateway::Impl::new_stanza_id(random);
  row.created_at = now;
  row.expires_at = now + kDeedLifetime;
  return row;
}

struct Found {
  MessageRow target;
  store::SessionRow session;
};

Result<Found> find_target(store::Database& db, const Caller& caller, const std::string& id) {
  auto target = Gateway::Impl::message(db, caller, id);
  if (!target) return fail(target.error());
  auto session = Gateway::Impl::session(db, caller, target->session);
  if (!session) return fail(session.error());
  return Found{std::move(*target), std::move(*session)};
}

Json cancelled_json(const std::string& id) {
  return {{"message", "Message cancelled successfully"}, {"id", id}, {"status", "CANCELLED"}};
}

void send_deed(Gateway::Impl& impl, const Caller& caller, const std::string& id, const Deed& deed,
               std::vector<std::pair<std::string, std::string>> warnings, Gateway::Answer answer) {
  const Time now = impl.now();
  Result<Found> found;
  auto read = impl.parts.readers.read([&](store::Database& db) { found = find_target(db, caller, id); });
  if (!read) return answer(fail(read.error()));
  if (!found) return answer(fail(found.error()));
  if (auto problem = deed.problem(found->target, now)) return answer(fail(std::move(*problem)));
  auto takes = Gateway::Impl::check_takes_messages(found->session, impl.options.queue_when_offline);
  if (!takes) return answer(fail(takes.error()));
  if (auto room = impl.take_room(found->session); !room) return answer(fail(room.error()));
  const auto row = std::make_shared<const MessageRow>(row_of(deed, found->target, now, impl.parts.random));
  const Gateway::Impl::Change change = [row, warnings = std::move(warnings)](store::Database& db) -> Result<Reply> {
    if (!store::sessions::exists(db, row->session)) return fail(ErrorCode::SESSION_NOT_FOUND, row->session);
    store::messages::insert(db, *row);
    Reply reply = json_reply(202, Gateway::Impl::accepted_json(*row));
    add_headers(reply, warnings);
    return reply;
  };
  impl.commit(change, std::move(answer), [&impl, row] { impl.on_accepted(*row); });
}

}  // namespace

void Gateway::react(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  const auto emoji = fields.text("emoji");
  fields.require(emoji.has_value(), "emoji");   // "" takes the reaction back
  if (emoji && emoji->size() > kEmojiBytesMax) {
    fields.refuse("emoji", ErrorCode::INVALID_REQUEST, fmt::format("is longer than {} bytes", kEmojiBytesMax));
  }
  if (fields.error()) return answer(fail(*fields.error()));
  send_deed(*impl_, caller, id, {"reaction", *emoji, reaction_problem}, fields.warning_headers(), std::move(answer));
}

void Gateway::edit_message(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  const std::string content = fields.required_text("content");
  if (content.size() > kContentBytesMax) {
    fields.refuse("content", ErrorCode::INVALID_REQUEST, fmt::format("is longer than {} bytes", kContentBytesMax));
  }
  if (fields.error()) return answer(fail(*fields.error()));
  send_deed(*impl_, caller, id, {"edit", content, edit_problem}, fields.warning_headers(), std::move(answer));
}

void Gateway::delete_message(const Caller& caller, const std::string& id, const Query& query, Answer answer) {
  const std::string revokes = find_parameter(query, "revoke");
  if (!revokes.empty() && revokes != "true" && revokes != "false") {
    return answer(fail(ErrorCode::INVALID_REQUEST, "revoke is true or false"));
  }
  Result<store::MessageRow> target;
  auto read = impl_->parts.readers.read([&](store::Database& db) { target = Impl::message(db, caller, id); });
  if (!read) return answer(fail(read.error()));
  if (target && was_sent(*target) && revokes != "false") {
    return send_deed(*impl_, caller, id, {"revoke", "", revocation_problem}, {}, std::move(answer));
  }
  // Whatever it was a moment ago: what is on its way by now is told so.
  const Impl::Change cancel = [caller, id, now = impl_->now(),
                               &random = impl_->parts.random](store::Database& db) -> Result<Reply> {
    const auto row = Impl::message(db, caller, id);
    if (!row) return fail(row.error());
    if (row->state == MessageState::CANCELLED) return json_reply(200, cancelled_json(id));
    const auto cancelled = store::messages::set_cancelled(db, id, now);
    if (!cancelled) return fail(ErrorCode::MESSAGE_ALREADY_SENT, std::string(store::to_string(row->state)));
    events::message_changed(db, *cancelled, now, random);
    return json_reply(200, cancelled_json(id));
  };
  impl_->commit(cancel, std::move(answer));
}

}  // namespace konekwa
