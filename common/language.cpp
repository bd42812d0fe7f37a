#include "common/language.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "common/error.h"
#include "common/phrases.h"

namespace konekwa {
namespace {

// A switch, so that the compiler finds a code without a text, and one with two.
constexpr std::string_view indonesian_text(ErrorCode code) {
  switch (code) {
#define X(code, text) case ErrorCode::code: return text;
#include "common/errors_id.def"
#undef X
  }
  return {};
}

struct Entry {
  ErrorCode code;
  std::string_view name, english, indonesian;
};

constexpr Entry kCodes[] = {
#define X(code, http_status, exit_code, retryable, text) \
  {ErrorCode::code, #code, text, indonesian_text(ErrorCode::code)},
#include "common/errors.def"
#undef X
};

static_assert(std::all_of(std::begin(kCodes), std::end(kCodes), [](const Entry& e) { return !e.indonesian.empty(); }),
              "errors_id.def has a text for every code of errors.def");

constexpr Phrase kPhrases[] = {
#define P(english, indonesian) {english, indonesian},
#include "common/phrases_id.def"
#undef P
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "id" and "id-ID", not "idx".
bool is_language(std::string_view tag, std::string_view language) {
  return tag.starts_with(language) && (tag.size() == language.size() || tag[language.size()] == '-');
}

// In thousandths, from "q=0.8". A weight that is none of RFC 9110 12.4.2 counts nothing.
int weight_of(std::string_view parameter) {
  const std::string text = lower(trimmed(parameter));
  if (text.size() < 3 || text.size() > 7 || !text.starts_with("q=") || (text[2] != '0' && text[2] != '1')) return 0;
  int weight = (text[2] - '0') * 1000;
  if (text.size() > 3 && text[3] != '.') return 0;
  for (std::size_t i = 4, unit = 100; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    weight += (text[i] - '0') * static_cast<int>(unit);
  }
  return weight > 1000 ? 0 : weight;
}

}  // namespace

Language language_of_header(std::string_view accept_language) {
  int indonesian = 0, english = -1, others = 0;
  bool is_indonesian_first = false;
  while (!accept_language.empty()) {
    const std::size_t comma = accept_language.find(',');
    const std::string_view range = accept_language.substr(0, comma);
    accept_language.remove_prefix(comma == std::string_view::npos ? accept_language.size() : comma + 1);
    const std::size_t semicolon = range.find(';');
    const std::string tag = lower(trimmed(range.substr(0, semicolon)));
    const int weight = semicolon == std::string_view::npos ? 1000 : weight_of(range.substr(semicolon + 1));
    if (is_language(tag, "id")) {
      is_indonesian_first |= english < 0;
      indonesian = std::max(indonesian, weight);
    } else if (is_language(tag, "en")) {
      english = std::max(english, weight);
    } else if (tag == "*") {
      others = weight;
    }
  }
  if (english < 0) english = others;
  const bool is_wanted = indonesian > english || (indonesian == english && is_indonesian_first);
  return indonesian > 0 && is_wanted ? Language::Indonesian : Language::English;
}

Language language_of_locale(std::string_view name) {
  return is_language(lower(name.substr(0, name.find_first_of("_.@"))), "id") ? Language::Indonesian
                                                                              : Language::English;
}

std::optional<std::string> in_indonesian(std::string_view code, std::string_view message) {
  for (const Entry& entry : kCodes) {
    if (entry.name == code && entry.english == message) return std::string(entry.indonesian);
  }
  return in_indonesian(message);
}

std::optional<std::string> in_indonesian(std::string_view details) { return in_other_words(kPhrases, details); }

}  // namespace konekwa
