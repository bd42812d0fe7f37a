#include "daemon/http/answer_language.h"

#include <nlohmann/json.hpp>

#include "common/json.h"

namespace konekwa::http {
namespace {

constexpr std::string_view kErrorKey = "\"error\":{";   // as we write it: bodies without one are not taken apart

// An error's message and details. False when nothing of them is known.
bool tell(Json& error) {
  const auto text = [&](const char* name) {
    const auto at = error.find(name);
    return at != error.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  if (text("code").empty()) return false;
  const auto message = in_indonesian(text("code"), text("message"));
  const auto details = in_indonesian(text("details"));
  if (message) error["message"] = *message;
  if (details) error["details"] = *details;
  return message || details;
}

// Every error in what we wrote ourselves, so that it is nested no deeper than we nest.
bool tell_errors_in(Json& value) {
  bool is_told = false;
  if (value.is_object() && value.contains("error") && value["error"].is_object()) is_told = tell(value["error"]);
  for (Json& member : value) {
    if (member.is_structured()) is_told |= tell_errors_in(member);
  }
  return is_told;
}

}  // namespace

void answer_in(Language language, Response& response) {
  if (language == Language::English || response.source) return;
  if (response.body.find(kErrorKey) == std::string::npos) return;
  Result<Json> body = parse_json(response.body);
  if (!body || !tell_errors_in(*body)) return;
  response.body = body->dump(-1, ' ', false, Json::error_handler_t::replace);
  response.headers.emplace_back("Content-Language", "id");
  response.headers.emplace_back("Vary", "Accept-Language");
}

}  // namespace konekwa::http
