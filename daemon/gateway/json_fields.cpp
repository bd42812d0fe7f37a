#include "daemon/gateway/json_fields.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace konekwa {
namespace {

constexpr std::size_t kWarningNameMax = 64;
constexpr int kWarningsMax = 10;

bool is_plain(const std::string& name) {
  return !name.empty() && name.size() <= kWarningNameMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
         });
}

}  // namespace

JsonFields::JsonFields(const std::string& body) : object_(std::make_unique<Json>(Json::object())) {
  if (body.empty()) return;
  auto parsed = parse_json(body);
  if (!parsed) {
    error_ = parsed.error();
  } else if (!parsed->is_object()) {
    error_ = Error(ErrorCode::INVALID_REQUEST, "the request body must be a JSON object");
  } else {
    *object_ = std::move(*parsed);
  }
}

JsonFields::JsonFields(const Json& object, std::string path)
    : object_(std::make_unique<Json>(object)), path_(std::move(path)) {}
JsonFields::JsonFields(JsonFields&& other) noexcept = default;
JsonFields::~JsonFields() = default;

const Json* JsonFields::find(const std::string& name) {
  read_.push_back(name);
  const auto it = object_->find(name);
  return it == object_->end() || it->is_null() ? nullptr : &*it;
}

std::string JsonFields::required_text(const std::string& name) {
  std::string value = text(name).value_or("");
  require(!value.empty(), name);
  return value;
}

void JsonFields::require(bool is_given, const std::string& name) {
  if (is_given || error_) return;
  // The words of the documented example, which clients compare.
  error_ = Error(ErrorCode::INVALID_REQUEST, "The request body is missing required fields",
                 fmt::format("Field '{}' is required", path_of(name)));
}

void JsonFields::require_any(std::initializer_list<const char*> names) {
  if (error_) return;
  for (const char* name : names) {
    if (object_->contains(name)) return;
  }
  error_ = Error(ErrorCode::INVALID_REQUEST, "The request body changes nothing",
                 fmt::format("it takes {}", fmt::join(names, ", ")));
}

std::optional<std::string> JsonFields::text(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  refuse(name, ErrorCode::INVALID_REQUEST, "must be a string");
  return std::nullopt;
}

std::optional<bool> JsonFields::flag(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  refuse(name, ErrorCode::INVALID_REQUEST, "must be true or false");
  return std::nullopt;
}

std::optional<double> JsonFields::number(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  refuse(name, ErrorCode::INVALID_REQUEST, "must be a number");
  return std::nullopt;
}

std::optional<std::map<std::string, std::string>> JsonFields::text_map(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  std::map<std::string, std::string> out;
  if (!value->is_object()) refuse(name, ErrorCode::INVALID_REQUEST, "must be an object of strings");
  for (const auto& [key, item] : value->items()) {
    if (item.is_null()) continue;
    if (item.is_structured()) {
      refuse(name, ErrorCode::INVALID_REQUEST, "must hold strings, numbers and booleans only");
      break;
    }
    out[key] = item.is_string() ? item.get<std::string>() : item.dump();
  }
  return out;
}

std::optional<std::vector<std::string>> JsonFields::texts(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto is_text = [](const Json& item) { return item.is_string(); };
  const bool is_right = value->is_array() && std::all_of(value->begin(), value->end(), is_text);
  if (is_right) return value->get<std::vector<std::string>>();
  refuse(name, ErrorCode::INVALID_REQUEST, "must be an array of strings");
  return std::nullopt;
}

std::optional<JsonFields> JsonFields::nested(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return JsonFields(*value, path_of(name));
  refuse(name, ErrorCode::INVALID_REQUEST, "must be an object");
  return std::nullopt;
}

bool JsonFields::has(const std::string& name) const {
  const auto it = object_->find(name);
  return it != object_->end() && !it->is_null();
}

bool JsonFields::is_present(const std::string& name) {
  read_.push_back(name);
  return object_->contains(name);
}

void JsonFields::refuse(const std::string& name, ErrorCode code, std::string problem, std::string message) {
  if (error_) return;
  const char* const gap = problem.starts_with(':') ? "" : " ";
  error_ = Error(code, fmt::format("Field '{}'{}{}", path_of(name), gap, problem));
  if (!message.empty()) error_->message = std::move(message);
}

std::vector<std::pair<std::string, std::string>> JsonFields::warning_headers() const {
  std::string list = fmt::format("{}", fmt::join(warnings_, ", "));
  int count = 0;
  for (const auto& [name, value] : object_->items()) {
    if (std::find(read_.begin(), read_.end(), name) != read_.end() || !is_plain(name)) continue;
    if (++count > kWarningsMax) break;
    list += (list.empty() ? "unknown field " : ", unknown field ") + path_of(name);
  }
  if (list.empty()) return {};
  return {{"X-Konekwa-Warnings", list}};
}

}  // namespace konekwa
