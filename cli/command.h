// A command: its words, its options, and what it does. Every noun has a file cmd_*.cpp that declares its commands in
// the order of the help; all_commands() is the table of them. Nothing else knows which commands there are.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/clock.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "common/api/client.h"

namespace CLI {
class App;
}

namespace konekwa::cli {

struct GlobalOptions {
  std::string url, api_key, tenant;
  bool is_json = false, is_quiet = false;
};

// What a command may use. Made after parsing; it lives as long as the command runs.
struct Context {
  api::ApiClient& client;
  Output& output;
  Clock& clock;
  std::istream& in;
  bool is_in_tty;      // a person types into `in`
  std::function<Terminal()> terminal;
};

using Run = std::function<api::Outcome<>(Context&)>;

struct Command {
  std::string noun;       // "sessions"; "" for a command that is one word
  std::string name;       // "create"
  std::string summary;    // verb first, capital letter, no period
  std::string example;    // a whole command line
  std::function<Run(CLI::App&)> declare;   // adds the options, and returns what uses their values
};
using Commands = std::vector<Command>;

Commands send_commands();
Commands qr_commands();
Commands sessions_commands();
Commands messages_commands();
Commands tokens_commands();
Commands health_commands();
Commands sandbox_commands();

Commands all_commands();
std::string noun_summary(const std::string& noun);   // for the help of `konekwa`

// What an option or argument is called in help decides how it is completed (complete.cpp).
inline constexpr const char* kSessionValue = "SESSION";
inline constexpr const char* kMessageValue = "MESSAGE";
inline constexpr const char* kTokenValue = "TOKEN";
inline constexpr const char* kFileValue = "FILE";
inline constexpr const char* kDurationValue = "DURATION";

// For option checks: "" when it is right, otherwise what is wrong.
std::string duration_problem(const std::string& text);
Duration duration_of(const std::string& checked_text);

// The text of stdin for a value given as "-", at most `bytes_max`, without one final line end.
api::Outcome<std::string> text_or_stdin(const Context& context, const std::string& value, std::size_t bytes_max);

}  // namespace konekwa::cli
