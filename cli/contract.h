// What openapi.yaml, the contract of the API, says of words and fields. The definitions are made of it at build time:
// see cmake/embed_contract.py.
#pragma once

#include <span>
#include <string_view>

namespace konekwa::cli {

std::span<const std::string_view> message_statuses();   // "QUEUED", ...
std::span<const std::string_view> message_types();      // "text", ...: what can be sent
std::span<const std::string_view> scopes();             // "messages:send", ...
std::span<const std::string_view> chat_kinds();         // "groups", ...: what --ignore-chats takes beside chats
std::span<const std::string_view> event_types();        // "message.received", ...
std::span<const std::string_view> event_patterns();     // the same, and "message.*", "session.*" and "*"

// The fields of the objects that an operation answers with: those of its list, where it is one.
struct Answer {
  std::string_view operation;   // "GET /v1/sessions/{id}"; "events" for what a stream of them carries
  std::string_view fields;      // "id,settings,settings.auto_read"
};
std::span<const Answer> contract_answers();

}  // namespace konekwa::cli
