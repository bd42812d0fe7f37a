#include "daemon/store/webhooks.h"

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/store/words.h"

namespace konekwa::store {
namespace {

// Written by put. What does not parse is damage.
Json parsed(const std::string& text) {
  auto json = parse_json(text);
  if (!json) throw Failure(Failure::Kind::Broken, "webhook settings are damaged");
  return std::move(*json);
}

std::vector<std::string> list_from(const std::string& text) {
  std::vector<std::string> out;
  for (const Json& each : parsed(text)) out.push_back(each.get<std::string>());
  return out;
}

std::string headers_text(const std::vector<std::pair<std::string, std::string>>& headers) {
  Json out = Json::object();
  for (const auto& [name, value] : headers) out[name] = value;
  return out.dump();
}

}  // namespace

namespace webhooks {

std::vector<std::pair<std::string, std::string>> headers_from(const std::string& json) {
  std::vector<std::pair<std::string, std::string>> out;
  if (json.empty() || json == "{}") return out;
  const Json object = parsed(json);   // named: a loop would not keep a temporary that items() refers to
  for (const auto& [name, value] : object.items()) out.emplace_back(name, value.get<std::string>());
  return out;
}

WebhookSettings find(Database& db, const std::string& session) {
  WebhookSettings out;
  db.query_one("SELECT events, ignore_chats, headers, message_gone_at, status_gone_at FROM webhook_settings"
               " WHERE session = ?",
               {session}, [&](const Row& row) {
                 out.events = list_from(row.text(0));
                 out.ignore_chats = list_from(row.text(1));
                 out.headers = headers_from(row.text(2));
                 out.message_gone_at = row.optional_time(3);
                 out.status_gone_at = row.optional_time(4);
               });
  return out;
}

void put(Database& db, const std::string& session, const WebhookSettings& settings) {
  db.execute(
      "INSERT OR REPLACE INTO webhook_settings (session, events, ignore_chats, headers, message_gone_at,"
      " status_gone_at) VALUES (?, ?, ?, ?, ?, ?)",
      {session, json_list(settings.events), json_list(settings.ignore_chats), headers_text(settings.headers),
       settings.message_gone_at, settings.status_gone_at});
}

void set_gone(Database& db, const std::string& session, std::string_view target, std::optional<Time> at) {
  WebhookSettings settings = find(db, session);
  std::optional<Time>& gone_at = target == "message" ? settings.message_gone_at : settings.status_gone_at;
  if (gone_at.has_value() == at.has_value()) return;
  gone_at = at;
  put(db, session, settings);
}

}  // namespace webhooks
}  // namespace konekwa::store
