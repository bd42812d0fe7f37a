#include "common/phrases.h"

#include <algorithm>
#include <vector>

namespace konekwa {
namespace {

constexpr std::string_view kValue = "{}", kPhrase = "{*}";
constexpr int kDepthMax = 3;   // phrases within phrases

// What stands before the next hole of a pattern, and the hole; that is empty behind the last one.
struct Piece {
  std::string_view literal, hole;
};

Piece take_piece(std::string_view& pattern) {
  const std::size_t at = std::min(pattern.find(kValue), pattern.find(kPhrase));
  const std::string_view literal = pattern.substr(0, at);
  pattern.remove_prefix(literal.size());
  const std::string_view hole = pattern.substr(0, pattern.starts_with(kPhrase) ? kPhrase.size() : kValue.size());
  pattern.remove_prefix(hole.size());
  return {literal, hole};
}

// The values in `text`, each as short as can be and the last one as long as is left. Nothing when it does not fit.
std::optional<std::vector<std::string_view>> values_in(std::string_view text, std::string_view pattern) {
  std::vector<std::string_view> values;
  Piece piece = take_piece(pattern);
  if (!text.starts_with(piece.literal)) return std::nullopt;
  text.remove_prefix(piece.literal.size());
  while (!piece.hole.empty()) {
    piece = take_piece(pattern);
    const bool is_last = piece.hole.empty();
    if (is_last && !text.ends_with(piece.literal)) return std::nullopt;
    const std::size_t at = is_last ? text.size() - piece.literal.size() : text.find(piece.literal);
    if (at == std::string_view::npos) return std::nullopt;
    values.push_back(text.substr(0, at));
    text.remove_prefix(at + piece.literal.size());
  }
  if (!text.empty()) return std::nullopt;
  return values;
}

std::optional<std::string> told(std::span<const Phrase> phrases, std::string_view text, int depth);

std::string filled(std::span<const Phrase> phrases, std::string_view pattern,
                   const std::vector<std::string_view>& values, int depth) {
  std::string out;
  for (const std::string_view value : values) {
    const Piece piece = take_piece(pattern);
    out += piece.literal;
    const auto known = piece.hole == kPhrase ? told(phrases, value, depth + 1) : std::nullopt;
    out += known ? *known : std::string(value);
  }
  return out.append(pattern);
}

std::optional<std::string> told(std::span<const Phrase> phrases, std::string_view text, int depth) {
  if (depth > kDepthMax) return std::nullopt;
  for (const Phrase& phrase : phrases) {
    const auto values = values_in(text, phrase.english);
    if (values) return filled(phrases, phrase.other, *values, depth);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> in_other_words(std::span<const Phrase> phrases, std::string_view text) {
  return told(phrases, text, 0);
}

}  // namespace konekwa
