// What people are told, in the language of their locale: on stderr, and beside a QR code. What programs may read,
// codes, commands and options stay as they are. The Indonesian is in phrases_id.def, here and in common.
#pragma once

#include <string>
#include <string_view>

#include "common/api/failure.h"
#include "common/language.h"

namespace konekwa::cli {

struct Words {
  std::string_view error, hint, request;   // before the lines of a failure, without the colon
};

const Words& words_in(Language language);

// The text, or the failure with its message, details and hint, in `language` where they are known in it.
std::string told_in(Language language, std::string text);
api::Failure told_in(Language language, api::Failure failure);

// Of the locale for messages: LC_ALL, LC_MESSAGES or LANG, whichever is the first that is set (POSIX 8.2).
Language language_of_environment();

}  // namespace konekwa::cli
