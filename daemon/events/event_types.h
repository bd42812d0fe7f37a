// The types of events, and which of them a session's webhooks get. Pure.
#pragma once

#include <string>
#include <string_view>

#include "daemon/store/webhooks.h"

namespace konekwa::events {

// Nothing when `pattern` is a type of ours ("message.received"), all of a kind ("message.*") or "*"; else why not.
std::string event_pattern_problem(std::string_view pattern);
bool stands_for(std::string_view pattern, std::string_view event_type);

// Does the receiver want this type? Without a list of its own it gets the usual ones, and a pattern stands for those
// too. What few want, such as message.cancelled or session.connected, which repeats a session.status, has to be named.
bool wants_event(const store::WebhookSettings& settings, std::string_view event_type);

// Chats are Jids: "6281234567890@s.whatsapp.net". `other_address` is the same chat under its other address, or "".
bool ignores_chat(const store::WebhookSettings& settings, std::string_view chat, std::string_view other_address);
bool is_chat_kind(std::string_view word);   // "groups", "status", "broadcasts" or "channels"

}  // namespace konekwa::events
