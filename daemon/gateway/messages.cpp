// Gateway: messages.
#include <nlohmann/json.hpp>

#include "common/id.h"
#include "daemon/events/event_log.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/message_filter.h"
#include "daemon/gateway/message_request.h"
#include "daemon/gateway/page_token.h"
#include "daemon/gateway/recipient.h"
#include "daemon/store/devices.h"

namespace konekwa {
namespace {

using store::MessageState;

constexpr Duration kUploadKeptAfter = hours(1);   // a message that is being sent when it expires needs its file

// What a request finds in the store, read as one snapshot.
struct Found {
  store::SessionRow session;
  std::optional<Reply> first_reply;                  // of the same request, made before
  std::optional<store::TemplateRow> template_row;
};

Result<> check_upload(store::Database& db, const Caller& caller, const std::string& id) {
  if (id.empty()) return {};
  const auto upload = store::uploads::find(db, id);
  if (upload && caller.sees(upload->tenant)) return {};
  return fail(Error(ErrorCode::INVALID_MEDIA_URL, "there is no such upload", "Field 'media_url' names " + id));
}

// A person's chat has two names, and rows keep the one that was known when they were written.
bool is_same_chat(store::Database& db, const std::string& session, const std::string& a, const std::string& b) {
  constexpr std::string_view kNumberServer = "@s.whatsapp.net";
  const auto lid_form = [&](const std::string& chat) {
    if (!chat.ends_with(kNumberServer)) return chat;
    const auto lid = store::devices::lid_of(db, session, chat.substr(0, chat.size() - kNumberServer.size()));
    return lid ? *lid + "@lid" : chat;
  };
  return a == b || lid_form(a) == lid_form(b);
}

// An answer quotes a message of its own chat.
Result<std::string> find_quoted(store::Readers& readers, const std::string& session, const std::string& chat,
                                const std::string& reply_to) {
  std::optional<store::MessageRow> row;
  bool is_of_chat = false;
  auto read = readers.read([&](store::Database& db) {
    row = store::messages::find(db, reply_to);
    for (const bool is_outbound : {false, true}) {
      if (!row) row = store::messages::find_by_wa_id(db, session, reply_to, is_outbound);
    }
    is_of_chat = row && (row->sender_lid == chat || is_same_chat(db, session, row->chat_id, chat));
  });
  if (!read) return fail(read.error());
  if (!row || row->session != session) {
    return fail(ErrorCode::INVALID_REQUEST, "Field 'reply_to' names no message of this session");
  }
  if (!is_of_chat) {
    return fail(ErrorCode::INVALID_REQUEST, "Field 'reply_to' names a message of another chat");
  }
  return std::move(row->id);
}

Result<Found> look_up(store::Database& db, const Caller& caller, const MessageRequest& request,
                      const IdempotencyKey& key, Time now) {
  Found out;
  auto session = Gateway::Impl::session(db, caller, request.session);
  if (!session) return fail(session.error());
  out.session = std::move(*session);
  auto first = find_first_reply(db, key, now);
  if (!first) return fail(first.error());
  out.first_reply = std::move(*first);
  if (!request.template_id.empty()) {
    out.template_row = store::templates::find(db, request.template_id);
    const bool is_theirs = out.template_row && out.template_row->tenant == out.session.tenant;
    // After a replay nothing more is needed of it.
    if (!is_theirs && !out.first_reply) return fail(ErrorCode::TEMPLATE_NOT_FOUND, request.template_id);
  }
  if (out.first_reply) return out;
  if (auto upload = check_upload(db, caller, request.upload); !upload) return fail(upload.error());
  return out;
}

store::MessageRow row_of(MessageRequest request, const store::SessionRow& session, const Recipient& recipient,
                         Time now, Random& random) {
  store::MessageRow row;
  row.id = new_ordered_id("msg_", now, random);
  row.tenant = session.tenant;
  row.session = session.id;
  row.state = request.send_at ? MessageState::SCHEDULED : MessageState::QUEUED;
  row.recipient = recipient.text;
  row.chat_id = recipient.chat_id;
  row.message_type = std::move(request.message_type);
  row.fields = request.fields_json();
  row.content = std::move(request.content);
  row.template_id = std::move(request.template_id);
  row.wa_message_id = Gateway::Impl::new_stanza_id(random);
  row.client_reference = std::move(request.client_reference);
  row.created_at = now;
  row.scheduled_at = request.send_at;
  row.expires_at = request.expires_at;
  return row;
}

}  // namespace

std::string Gateway::Impl::new_stanza_id(Random& random) {
  constexpr std::size_t kStanzaIdOctets = 9;
  std::string out = "3EB0" + to_hex(random.bytes(kStanzaIdOctets));
  for (char& c : out) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

Result<> Gateway::Impl::check_takes_messages(const store::SessionRow& session, bool queues_when_offline) {
  using enum store::SessionStatus;
  const bool is_over = session.status == LOGGED_OUT || session.status == BANNED;
  if (!is_over && (queues_when_offline || session.status == CONNECTED)) return {};
  const std::string status(store::to_string(session.status));
  if (is_over) {
    return fail(ErrorCode::SESSION_NOT_ACTIVE,
                fmt::format("{}; POST /v1/sessions/{}/reset links it anew", status, session.id));
  }
  return fail(Error(ErrorCode::SESSION_NOT_ACTIVE, "the session is not connected",
                    fmt::format("{}; POST /v1/sessions/{}/connect brings it online, and the setting queue-when-offline"
                                " of konekwad lets messages wait for it", status, session.id)));
}

Json Gateway::Impl::accepted_json(const store::MessageRow& row) {
  Json out = {{"message_id", row.id},
              {"status", store::to_string(row.state)},
              {"queued_at", to_rfc3339(row.created_at)}};
  if (row.scheduled_at) out["scheduled_at"] = to_rfc3339(*row.scheduled_at);
  return out;
}

Result<> Gateway::Impl::take_room(const store::SessionRow& session) {
  const auto count = [this](const std::function<std::int64_t(store::Database&)>& of) {
    return parts.readers.get<std::int64_t>(of).value_or(0);
  };
  const bool has_room = queue_limit.take(session.id, now(), [&] {
    return count([&](store::Database& db) { return store::messages::count_waiting(db, session.id); });
  });
  if (!has_room) return fail(ErrorCode::QUEUE_FULL, fmt::format("{} messages of the session wait", options.queue_max));
  const bool tenant_has_room = tenant_queue_limit.take(session.tenant, now(), [&] {
    return count([&](store::Database& db) { return store::messages::count_waiting_of_tenant(db, session.tenant); });
  });
  if (tenant_has_room) return {};
  return fail(ErrorCode::QUEUE_FULL, fmt::format("{} messages of the tenant wait", options.queue_max_tenant));
}

void Gateway::send_message(const Caller& caller, std::string body, std::string idempotency_key, Answer answer) {
  const Time now = impl_->now();
  auto key = make_idempotency_key(caller, idempotency_key, "POST /v1/messages", body);
  if (!key) return answer(fail(key.error()));
  auto request = read_message_request(body, now);
  if (!request) return answer(fail(request.error()));
  Result<Found> found;
  auto read = impl_->parts.readers.read(
      [&](store::Database& db) { found = look_up(db, caller, *request, *key, now); });
  if (!read) return answer(fail(read.error()));
  if (!found) return answer(fail(found.error()));
  // Before the checks of what may have changed since: the first answer stands.
  if (found->first_reply) return answer(std::move(*found->first_reply));
  if (auto takes = Impl::check_takes_messages(found->session, impl_->options.queue_when_offline); !takes) {
    return answer(fail(takes.error()));
  }
  auto recipient = parse_recipient(request->recipient, impl_->options.default_country);
  if (!recipient) return answer(fail(recipient.error()));
  if (auto people = resolve_mentions(*request, impl_->options.default_country); !people) {
    return answer(fail(people.error()));
  }
  if (!request->reply_to.empty()) {
    auto quoted = find_quoted(impl_->parts.readers, found->session.id, recipient->chat_id, request->reply_to);
    if (!quoted) return answer(fail(quoted.error()));
    request->reply_to = std::move(*quoted);
  }
  if (found->template_row) {
    if (auto rendered = apply_template(*request, *found->template_row); !rendered) {
      return answer(fail(rendered.error()));
    }
  }
  if (auto room = impl_->take_room(found->session); !room) return answer(fail(room.error()));

  const auto warnings = std::move(request->warnings);
  const std::string upload = std::move(request->upload);
  // Shared, and the answer is ready before: what the writer's thread does, everybody waits for.
  const auto row = std::make_shared<const store::MessageRow>(
      row_of(std::move(*request), found->session, *recipient, now, impl_->parts.random));
  const auto accepted = std::make_shared<const Reply>(json_reply(202, Impl::accepted_json(*row)));
  const Impl::Change change = [row, accepted, key = *key, now, warnings, caller,
                               upload](store::Database& db) -> Result<Reply> {
    // Again, because another request with this key may have become durable meanwhile, or the session have gone.
    auto earlier = find_first_reply(db, key, now);
    if (!earlier) return fail(earlier.error());
    if (earlier->has_value()) return std::move(**earlier);
    if (!store::sessions::exists(db, row->session)) return fail(ErrorCode::SESSION_NOT_FOUND, row->session);
    if (auto there = check_upload(db, caller, upload); !there) return fail(there.error());
    if (!upload.empty()) store::uploads::keep_until(db, upload, *row->expires_at + kUploadKeptAfter);
    store::messages::insert(db, *row);
    Reply reply = *accepted;
    keep_reply(db, key, reply, now);
    add_headers(reply, warnings);
    return reply;
  };
  impl_->commit(change, std::move(answer), [impl = impl_.get(), row] { impl->on_accepted(*row); });
}

void Gateway::Impl::on_accepted(const store::MessageRow& row) {
  ++accepted;
  const Time due_at = row.scheduled_at.value_or(*row.expires_at);
  if (due_at < now() + session::Registry::kScheduleLookAhead) parts.sessions.reschedule();
  // A session that connects later looks by itself, and finds what is durable by now.
  if (row.state == MessageState::QUEUED && parts.sessions.is_connected(row.session)) parts.sessions.wake(row.session);
}

Result<Reply> Gateway::show_message(const Caller& caller, const std::string& id) {
  Result<store::MessageRow> row;
  auto done = impl_->parts.readers.read([&](store::Database& db) { row = Impl::message(db, caller, id); });
  if (!done) return fail(done.error());
  if (!row) return fail(row.error());
  return json_reply(200, events::message_json(*row));
}

Result<store::MessageRow> Gateway::Impl::message(store::Database& db, const Caller& caller, const std::string& id) {
  auto row = store::messages::find(db, id);
  if (!row || !caller.sees(row->tenant)) return fail(ErrorCode::MESSAGE_NOT_FOUND, id);
  if (!caller.may_use(row->session)) return fail(ErrorCode::SESSION_NOT_ALLOWED, row->session);
  return std::move(*row);
}

Result<Reply> Gateway::list_messages(const Caller& caller, const Query& query) {
  auto wanted = read_message_filter(caller, query, impl_->options.default_country);
  if (!wanted) return fail(wanted.error());
  auto page = impl_->parts.readers.get<store::messages::Page>([&](store::Database& db) {
    return store::messages::list(db, wanted->filter, wanted->before_sequence, wanted->page_size, wanted->counts);
  });
  if (!page) return fail(page.error());
  Json body = {{"messages", Json::array()}};
  for (const store::MessageRow& row : page->rows) body["messages"].push_back(events::message_json(row));
  if (page->more) body["next_page_token"] = make_page_token(page->rows.back().sequence, wanted->fingerprint);
  if (page->total_count) body["total_count"] = *page->total_count;
  return json_reply(200, body);
}

}  // namespace konekwa
