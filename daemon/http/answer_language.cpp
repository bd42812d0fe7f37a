#include "daemon/http/answer_language.h"

#include <nlohmann/json.hpp>

#include "common/json.h"

namespace konekwa::http {

void answer_in(Language language, Response& response) {
  if (language == Language::English || response.status < 400 || response.source) return;
  const Result<Json> body = parse_json(response.body);
  if (!body || !body->is_object() || !body->contains("error") || !body->at("error").is_object()) return;
  Json error = body->at("error");
  if (!error.contains("code") || !error["code"].is_string()) return;
  if (!error.contains("message") || !error["message"].is_string()) return;
  const auto text = in_indonesian(error["code"].get<std::string>(), error["message"].get<std::string>());
  if (!text) return;
  error["message"] = *text;
  response.body = Json{{"error", std::move(error)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  response.headers.emplace_back("Content-Language", "id");
  response.headers.emplace_back("Vary", "Accept-Language");
}

}  // namespace konekwa::http
