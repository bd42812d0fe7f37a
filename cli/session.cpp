#include "cli/session.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

std::string on_or_off(const Json& settings, const char* key) {
  const Json& value = child(settings, key);
  return !value.is_boolean() ? "" : value.get<bool>() ? "on" : "off";
}

std::string names_of(const Json& object) {
  std::vector<std::string> names;
  for (const auto& member : object.items()) names.push_back(printable(member.key()));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string unless_zero(std::string count) { return count == "0" ? "" : count; }

std::string session_text(const Json& session) {
  const Json& webhooks = child(session, "webhooks");
  const Json& settings = child(session, "settings");
  const Json& health = child(session, "health");
  return field_list({{"id", field(session, "id")},
                     {"name", field(session, "name")},
                     {"status", field(session, "status")},
                     {"reason", field(session, "status_reason")},
                     {"phone", field(session, "phone_number")},
                     {"push name", field(session, "push_name")},
                     {"webhook for messages", field(webhooks, "message")},
                     {"webhook for status", field(webhooks, "status")},
                     {"webhook events", field(webhooks, "events")},
                     {"ignored chats", field(webhooks, "ignore_chats")},
                     {"webhook headers", names_of(child(webhooks, "headers"))},
                     {"auto read", on_or_off(settings, "auto_read")},
                     {"auto typing", on_or_off(settings, "auto_typing")},
                     {"proxy", field(session, "proxy_url")},
                     {"messages waiting", unless_zero(field(health, "queued"))},
                     {"the oldest for (s)", field(health, "oldest_queued_age_s")},
                     {"webhooks waiting", unless_zero(field(health, "webhook_pending"))},
                     {"created", field(session, "created_at")},
                     {"connected", field(session, "connected_at")},
                     {"disconnected", field(session, "disconnected_at")}});
}

}  // namespace

api::Outcome<> answer_session(Context& context, const api::Outcome<api::Response>& response) {
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, session_text(response->body));
  return {};
}

api::Outcome<> show_session(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  return answer_session(context, request_by_name(context, kSessions, id));
}

}  // namespace konekwa::cli
