// Sentences with values in them, put into another language: a table says how, and what it does not know stays as it
// is. The program's own words are written in English where they arise; here they are found again. Any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace konekwa {

// Each `{}` of `english` stands for a value, and so does the `{}` in the same place of `other`. `{*}` is one too, and
// is itself put into the other language when the table knows it: "Field '{}' {*}".
struct Phrase {
  std::string_view english, other;
};

// By the first phrase that `text` fits: what is special stands before what is general. Nothing when none does.
std::optional<std::string> in_other_words(std::span<const Phrase> phrases, std::string_view text);

}  // namespace konekwa
