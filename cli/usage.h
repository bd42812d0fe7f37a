// What was wrong with a command line, and what may have been meant.
#pragma once

#include "common/api/failure.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace konekwa::cli {

// INVALID_REQUEST in our words where CLI11 has none for a person, with a hint: the nearest word, and the help.
bool names_no_command(const CLI::App& root);   // "konekwa sesions --help": there is nothing to help with
api::Failure usage_failure(const CLI::App& root, const CLI::ParseError& error);

}  // namespace konekwa::cli
