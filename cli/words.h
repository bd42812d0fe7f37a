// What people are told of a failure, in the language of their locale. Only stderr speaks it: what programs read, codes,
// commands and options stay as they are.
#pragma once

#include <string_view>

#include "common/api/failure.h"
#include "common/language.h"

namespace konekwa::cli {

struct Words {
  std::string_view error, hint, request;   // before the lines of a failure, without the colon
};

const Words& words_in(Language language);

// The failure with its message, and the hint that follows from its code, in `language` where they are known in it.
api::Failure told_in(Language language, api::Failure failure);

// Of the locale for messages: LC_ALL, LC_MESSAGES or LANG, whichever is the first that is set (POSIX 8.2).
Language language_of_environment();

}  // namespace konekwa::cli
