// Between enumerations and the words that columns hold. A word that is not in the table is damage, or comes from a
// newer program: Failure::Broken.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

// The enumerators of Enum are 0, 1, 2 ... and `words` has one for each.
template <class Enum, std::size_t N>
std::optional<Enum> enum_of(const std::array<std::string_view, N>& words, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum, std::size_t N>
Enum stored_enum(const std::array<std::string_view, N>& words, const std::string& word) {
  if (const auto value = enum_of<Enum>(words, word)) return *value;
  throw Failure(Failure::Kind::Broken, "an unknown word is stored: " + word);
}

std::string join_words(const std::vector<std::string>& words);       // by single spaces; words have none inside
std::vector<std::string> split_words(std::string_view text);
std::string json_list(const std::vector<std::string>& values);       // for json_each(?): a list as one value

}  // namespace konekwa::store
