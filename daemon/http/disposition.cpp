#include "daemon/http/disposition.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "common/utf8.h"

namespace konekwa::http {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_coded = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                          hex_digit(text[i + 2]) >= 0;
    if (!is_coded) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
    i += 2;
  }
  return out;
}

// Up to the next ';' that stands in no quotes; `text` goes on behind it.
std::string_view take_parameter(std::string_view& text) {
  bool is_quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (is_quoted && text[i] == '\\') ++i;
    else if (text[i] == '"') is_quoted = !is_quoted;
    else if (text[i] == ';' && !is_quoted) break;
  }
  i = std::min(i, text.size());
  const std::string_view parameter = text.substr(0, i);
  text.remove_prefix(std::min(i + 1, text.size()));
  return trim(parameter);
}

std::string unquote(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  std::string out;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    const bool is_escape = value[i] == '\\' && i + 2 < value.size() && (value[i + 1] == '"' || value[i + 1] == '\\');
    if (is_escape) ++i;
    out.push_back(value[i]);
  }
  return out;
}

// RFC 8187: charset'language'percent-coded.
std::string extended(std::string_view value) {
  constexpr std::string_view kUtf8 = "utf-8'";
  if (lower(value.substr(0, kUtf8.size())) != kUtf8) return {};
  const std::size_t quote = value.find('\'', kUtf8.size());
  return quote == std::string_view::npos ? std::string() : percent_decode(value.substr(quote + 1));
}

std::string without_path(std::string name) {
  const std::size_t slash = name.find_last_of("/\\");
  if (slash != std::string::npos) name.erase(0, slash + 1);
  return is_utf8(name) ? name : std::string();
}

}  // namespace

std::string filename_of(std::string_view disposition) {
  std::string plain, coded;
  take_parameter(disposition);   // the type
  while (!disposition.empty()) {
    const std::string_view parameter = take_parameter(disposition);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = lower(trim(parameter.substr(0, equals)));
    const std::string_view value = trim(parameter.substr(equals + 1));
    if (name == "filename") plain = unquote(value);
    if (name == "filename*") coded = extended(value);
  }
  return without_path(coded.empty() ? plain : coded);
}

std::string parameter_of(std::string_view value, std::string_view name) {
  take_parameter(value);   // the type
  while (!value.empty()) {
    const std::string_view parameter = take_parameter(value);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || lower(trim(parameter.substr(0, equals))) != name) continue;
    return unquote(trim(parameter.substr(equals + 1)));
  }
  return {};
}

std::string attachment(std::string_view filename) {
  if (filename.empty()) return "attachment";
  std::string plain, coded;
  for (const char c : filename) {
    const bool is_plain = is_letter_or_digit(c) || std::string_view(" ._-()").find(c) != std::string_view::npos;
    plain.push_back(is_plain ? c : '_');
    const bool is_attribute = is_letter_or_digit(c) || std::string_view("._-").find(c) != std::string_view::npos;
    coded += is_attribute ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (plain == filename || !is_utf8(filename)) return fmt::format("attachment; filename=\"{}\"", plain);
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, coded);
}

}  // namespace konekwa::http
