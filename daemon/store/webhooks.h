// What the webhooks of a session want beside their URLs, which are columns of the session.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct WebhookSettings {
  std::vector<std::string> events{};       // types, and patterns such as "message.*"; empty: the usual ones
  std::vector<std::string> ignore_chats{}; // chats ("6281234567890@s.whatsapp.net"), and words such as "groups"
  std::vector<std::pair<std::string, std::string>> headers{}; // sent with each delivery, in this order
  std::optional<Time> message_gone_at{}, status_gone_at{};    // that URL answered 410: it wants no more
};

namespace webhooks {

WebhookSettings find(Database& db, const std::string& session);   // of a session that has set nothing: empty
void put(Database& db, const std::string& session, const WebhookSettings& settings);
// `target` is "message" or "status". Nothing: it is to be tried again.
void set_gone(Database& db, const std::string& session, std::string_view target, std::optional<Time> at);

std::vector<std::pair<std::string, std::string>> headers_from(const std::string& json);   // as find reads them

}  // namespace webhooks
}  // namespace konekwa::store
