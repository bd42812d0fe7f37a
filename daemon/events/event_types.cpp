#include "daemon/events/event_types.h"

#include <algorithm>
#include <array>

namespace konekwa::events {
namespace {

struct EventType {
  std::string_view name;
  bool is_usual = true;   // goes to a webhook that did not say what it wants
};

constexpr std::array kTypes = {
    EventType{"message.received"},          EventType{"message.sent"},
    EventType{"message.delivered"},         EventType{"message.read"},
    EventType{"message.failed"},            EventType{"message.cancelled", false},
    EventType{"message.reaction"},          EventType{"message.edited"},
    EventType{"message.revoked"},           EventType{"message.poll_vote"},
    EventType{"session.status"},            EventType{"session.qr"},
    EventType{"session.connected", false},  EventType{"session.disconnected", false},
    EventType{"session.logged_out", false}, EventType{"webhook.test"},
};

struct ChatKind {
  std::string_view word;
  std::string_view suffix;   // of its Jids; the first that fits counts
};

constexpr std::array kChatKinds = {ChatKind{"groups", "@g.us"}, ChatKind{"status", "status@broadcast"},
                                   ChatKind{"broadcasts", "@broadcast"}, ChatKind{"channels", "@newsletter"}};

bool is_usual(std::string_view type) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const EventType& t) { return t.name == type; });
  return found == kTypes.end() || found->is_usual;
}

bool is_wanted(std::string_view pattern, std::string_view type) {
  return stands_for(pattern, type) && (pattern == type || is_usual(type));
}

std::string_view kind_of(std::string_view chat) {
  for (const ChatKind& kind : kChatKinds) {
    if (chat.ends_with(kind.suffix)) return kind.word;
  }
  return "";
}

}  // namespace

std::string event_pattern_problem(std::string_view pattern) {
  const bool is_known = pattern == "*" || pattern == "message.*" || pattern == "session.*" ||
                        std::any_of(kTypes.begin(), kTypes.end(),
                                    [&](const EventType& type) { return type.name == pattern; });
  if (is_known) return "";
  std::string names = "*, message.*, session.*";
  for (const EventType& type : kTypes) names += ", " + std::string(type.name);
  return "has '" + std::string(pattern.substr(0, 64)) + "', which is none of " + names;
}

bool stands_for(std::string_view pattern, std::string_view event_type) {
  if (!pattern.ends_with('*')) return pattern == event_type;
  return event_type.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool wants_event(const store::WebhookSettings& settings, std::string_view event_type) {
  if (settings.events.empty()) return is_usual(event_type);
  return std::any_of(settings.events.begin(), settings.events.end(),
                     [&](const std::string& pattern) { return is_wanted(pattern, event_type); });
}

bool ignores_chat(const store::WebhookSettings& settings, std::string_view chat, std::string_view other_address) {
  const std::string_view kind = kind_of(chat);
  return std::any_of(settings.ignore_chats.begin(), settings.ignore_chats.end(), [&](const std::string& ignored) {
    return ignored == chat || (!other_address.empty() && ignored == other_address) ||
           (!kind.empty() && ignored == kind);
  });
}

bool is_chat_kind(std::string_view word) {
  return std::any_of(kChatKinds.begin(), kChatKinds.end(), [&](const ChatKind& kind) { return kind.word == word; });
}

}  // namespace konekwa::events
