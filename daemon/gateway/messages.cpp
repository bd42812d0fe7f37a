// Gateway: messages.
#include <nlohmann/json.hpp>

#include "common/id.h"
#include "daemon/events/event_log.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/message_filter.h"
#include "daemon/gateway/page_token.h"
#include "daemon/gateway/recipient.h"

namespace konekwa {
namespace {

constexpr std::size_t kContentBytesMax = 65'536;
constexpr std::size_t kClientReferenceMax = 255;
constexpr Duration kExpiresInDefault = hours(24);
constexpr std::size_t kStanzaIdOctets = 9;

// The documented types that wait for a later version of the daemon.
constexpr std::string_view kLaterTypes[] = {"image", "video", "audio", "document", "location", "contact"};

std::string upper_hex(ByteView octets) {
  std::string out = to_hex(octets);
  for (char& c : out) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

struct NewMessage {
  std::string session, recipient, content, client_reference;
  Duration expires_in = kExpiresInDefault;
  std::vector<std::pair<std::string, std::string>> warnings;
};

void check_type(JsonFields& fields, const std::string& type) {
  if (type.empty() || type == "text") return;
  if (std::find(std::begin(kLaterTypes), std::end(kLaterTypes), type) == std::end(kLaterTypes)) {
    return fields.refuse("message_type", ErrorCode::INVALID_MESSAGE_TYPE, "is '" + type + "'");
  }
  fields.refuse("message_type", ErrorCode::NOT_IMPLEMENTED, "is '" + type + "'; this version sends text only");
}

Result<NewMessage> read_message(const std::string& body) {
  NewMessage out;
  JsonFields fields(body);
  out.session = fields.required_text("session_id");
  out.recipient = fields.required_text("recipient");
  check_type(fields, fields.required_text("message_type"));
  fields.not_built_yet({"template_id", "placeholder_values", "scheduled_at", "reply_to"});
  out.content = fields.required_text("content");
  if (out.content.size() > kContentBytesMax) {
    fields.refuse("content", ErrorCode::INVALID_REQUEST, "is longer than 65536 bytes");
  }
  out.client_reference = fields.text("client_reference").value_or("");
  if (out.client_reference.size() > kClientReferenceMax) {
    fields.refuse("client_reference", ErrorCode::INVALID_REQUEST, "is longer than 255 bytes");
  }
  if (const auto text = fields.text("expires_in")) {
    const auto wait = parse_duration(*text);
    if (wait && wait->count() > 0 && *wait <= kDurationMax) out.expires_in = *wait;
    else fields.refuse("expires_in", ErrorCode::INVALID_REQUEST, "must be a duration such as 30m or 24h");
  }
  if (fields.error()) return fail(*fields.error());
  out.warnings = fields.warning_headers();
  return out;
}

Result<> check_active(const store::SessionRow& session) {
  using enum store::SessionStatus;
  if (session.status != LOGGED_OUT && session.status != BANNED) return {};
  return fail(Error(ErrorCode::SESSION_NOT_ACTIVE, std::string(store::to_string(session.status))));
}

Json accepted_json(const store::MessageRow& row) {
  return {{"message_id", row.id}, {"status", "QUEUED"}, {"queued_at", to_rfc3339(row.created_at)}};
}

}  // namespace

void Gateway::send_message(const Caller& caller, std::string body, std::string idempotency_key, Answer answer) {
  const Time now = impl_->now();
  auto key = make_idempotency_key(caller, idempotency_key, "POST /v1/messages", body);
  if (!key) return answer(fail(key.error()));
  auto message = read_message(body);
  if (!message) return answer(fail(message.error()));
  auto session = impl_->session(caller, message->session);
  if (!session) return answer(fail(session.error()));
  // Before the checks of what may have changed since: the first answer stands.
  auto first = impl_->parts.readers.get<Result<std::optional<Reply>>>(
      [&](store::Database& db) { return find_first_reply(db, *key, now); });
  if (!first) return answer(fail(first.error()));
  if (!*first) return answer(fail(first->error()));
  if ((*first)->has_value()) return answer(std::move(***first));
  if (auto active = check_active(*session); !active) return answer(fail(active.error()));
  auto recipient = parse_recipient(message->recipient, impl_->parts.default_country);
  if (!recipient) return answer(fail(recipient.error()));
  const bool has_room = impl_->queue_limit.take(session->id, now, [&] {
    const auto count = [&](store::Database& db) { return store::messages::count_queued(db, session->id); };
    return impl_->parts.readers.get<std::int64_t>(count).value_or(0);
  });
  if (!has_room) return answer(fail(ErrorCode::QUEUE_FULL, fmt::format("{} messages wait", impl_->parts.queue_max)));

  store::MessageRow row;
  row.id = new_ordered_id("msg_", now, impl_->parts.random);
  row.tenant = session->tenant;
  row.session = session->id;
  row.recipient = recipient->text;
  row.chat_id = recipient->chat_id;
  row.content = std::move(message->content);
  row.wa_message_id = "3EB0" + upper_hex(impl_->parts.random.bytes(kStanzaIdOctets));
  row.client_reference = std::move(message->client_reference);
  row.created_at = now;
  row.expires_at = now + message->expires_in;
  const Impl::Change change = [row, key = *key, now, warnings = std::move(message->warnings)](
                                  store::Database& db) -> Result<Reply> {
    // Again, because another request with this key may have become durable meanwhile, or the session have gone.
    auto earlier = find_first_reply(db, key, now);
    if (!earlier) return fail(earlier.error());
    if (earlier->has_value()) return std::move(**earlier);
    if (!store::sessions::find(db, row.session)) return fail(ErrorCode::SESSION_NOT_FOUND, row.session);
    store::messages::insert(db, row);
    Reply reply = json_reply(202, accepted_json(row));
    keep_reply(db, key, reply, now);
    add_headers(reply, warnings);
    return reply;
  };
  impl_->commit(change, std::move(answer), [&all = impl_->parts.sessions, id = row.session] { all.wake(id); });
}

Result<Reply> Gateway::show_message(const Caller& caller, const std::string& id) {
  Result<Reply> out;
  auto done = impl_->parts.readers.read([&](store::Database& db) {
    const auto row = store::messages::find(db, id);
    if (!row || !caller.sees(row->tenant)) {
      out = fail(ErrorCode::MESSAGE_NOT_FOUND, id);
      return;
    }
    const auto session = Impl::session(db, caller, row->session);
    out = session ? Result<Reply>(json_reply(200, events::message_json(*row))) : fail(session.error());
  });
  if (!done) return fail(done.error());
  return out;
}

Result<Reply> Gateway::list_messages(const Caller& caller, const Query& query) {
  auto wanted = read_message_filter(caller, query);
  if (!wanted) return fail(wanted.error());
  auto page = impl_->parts.readers.get<store::messages::Page>([&](store::Database& db) {
    return store::messages::list(db, wanted->filter, wanted->before_sequence, wanted->page_size);
  });
  if (!page) return fail(page.error());
  Json body = {{"messages", Json::array()}};
  for (const store::MessageRow& row : page->rows) body["messages"].push_back(events::message_json(row));
  if (page->more) body["next_page_token"] = make_page_token(page->rows.back().sequence, wanted->fingerprint);
  body["total_count"] = page->total_count;
  return json_reply(200, body);
}

}  // namespace konekwa
