#include "daemon/events/message_data.h"

#include "common/error.h"
#include "common/json_put.h"
#include "daemon/events/event_log.h"

#include <nlohmann/json.hpp>

namespace konekwa::events {
namespace {

using store::MessageRow;
using store::MessageState;

void put_time(Json& out, const char* key, const std::optional<Time>& value) {
  if (value) out[key] = to_rfc3339(*value);
}

bool is_retryable(std::string_view code) {
  static constexpr std::pair<std::string_view, bool> kCodes[] = {
#define X(name, http_status, exit_code, retryable, text) {#name, retryable},
#include "common/errors.def"
#undef X
  };
  for (const auto& [name, retryable] : kCodes) {
    if (name == code) return retryable;
  }
  return false;
}

void put_error(Json& out, const MessageRow& row) {
  if (row.error_code.empty()) return;
  Json error;
  error["code"] = row.error_code;
  error["message"] = row.error_message;
  put_text(error, "details", row.error_details);
  error["retryable"] = is_retryable(row.error_code);
  out["error"] = std::move(error);
}

bool is_group(const MessageRow& row) { return row.chat_id.ends_with("@g.us"); }

// One person, so one receipt at most; of a group, as many as it has people.
void put_receipts(Json& out, const MessageRow& row) {
  if (is_group(row)) {
    if (row.audience == 0) return;
    out["receipts"] =
        Json{{"delivered", row.receipts_delivered}, {"read", row.receipts_read}, {"total", row.audience}};
    return;
  }
  if (!row.delivered_at) return;
  out["receipts"] = Json{{"delivered", 1}, {"read", row.read_at ? 1 : 0}, {"total", 1}};
}

// What the type has beside its content. Our own JSON, so it is what it was when it was written.
void put_fields(Json& out, const MessageRow& row) {
  if (row.fields.empty()) return;
  out.update(Json::parse(row.fields));
  if (out.contains("media")) out["media"]["url"] = "/v1/messages/" + row.id + "/media";
}

Json outbound_json(const MessageRow& row) {
  Json out;
  out["id"] = row.id;
  out["session_id"] = row.session;
  out["recipient"] = row.recipient;
  out["message_type"] = row.message_type;
  put_text(out, "content", row.content);
  put_fields(out, row);
  out["status"] = store::to_string(row.state);
  out["direction"] = "OUTBOUND";
  out["created_at"] = to_rfc3339(row.created_at);
  put_time(out, "sent_at", row.sent_at);
  put_text(out, "chat_id", row.chat_id);
  put_text(out, "wa_message_id", row.wa_message_id);
  put_text(out, "template_id", row.template_id);
  put_text(out, "client_reference", row.client_reference);
  put_text(out, "source", row.source);
  out["attempts"] = row.attempts;
  put_receipts(out, row);
  put_error(out, row);
  put_time(out, "delivered_at", row.delivered_at);
  put_time(out, "read_at", row.read_at);
  put_time(out, "failed_at", row.failed_at);
  put_time(out, "scheduled_at", row.scheduled_at);
  put_time(out, "cancelled_at", row.cancelled_at);
  put_time(out, "expires_at", row.expires_at);
  return out;
}

Json inbound_json(const MessageRow& row) {
  Json out;
  out["id"] = row.id;
  out["session_id"] = row.session;
  put_text(out, "sender", row.sender);
  put_text(out, "sender_lid", row.sender_lid);
  put_text(out, "sender_name", row.sender_name);
  put_text(out, "recipient", row.recipient);
  out["chat_id"] = row.chat_id;
  out["is_group"] = is_group(row);
  out["message_type"] = row.message_type;
  put_text(out, "content", row.content);
  put_fields(out, row);
  out["status"] = store::to_string(row.state);
  out["direction"] = "INBOUND";
  out["wa_message_id"] = row.wa_message_id;
  out["offline"] = row.offline;
  out["created_at"] = to_rfc3339(row.created_at);
  out["received_at"] = to_rfc3339(row.created_at);
  return out;
}

}  // namespace

Json message_json(const MessageRow& row) { return row.outbound ? outbound_json(row) : inbound_json(row); }

std::string change_event_type(MessageState state) {
  switch (state) {
    case MessageState::SENT: return "message.sent";
    case MessageState::DELIVERED: return "message.delivered";
    case MessageState::READ: return "message.read";
    // Who knows only the documented events has to hear of what was too late, too.
    case MessageState::EXPIRED:
    case MessageState::FAILED: return "message.failed";
    case MessageState::CANCELLED: return "message.cancelled";
    default: return "";
  }
}

Json change_data(const MessageRow& row) {
  Json out;
  out["message_id"] = row.id;
  out["status"] = store::to_string(row.state);
  out["recipient"] = row.recipient;
  out["message_type"] = row.message_type;
  put_text(out, "wa_message_id", row.wa_message_id);
  put_text(out, "client_reference", row.client_reference);
  put_text(out, "source", row.source);
  if (row.state == MessageState::FAILED || row.state == MessageState::EXPIRED) out["attempts"] = row.attempts;
  out["queued_at"] = to_rfc3339(row.created_at);
  put_time(out, "sent_at", row.sent_at);
  put_time(out, "delivered_at", row.delivered_at);
  put_time(out, "read_at", row.read_at);
  put_receipts(out, row);
  put_time(out, "failed_at", row.failed_at);
  put_time(out, "cancelled_at", row.cancelled_at);
  put_error(out, row);
  return out;
}

}  // namespace konekwa::events
