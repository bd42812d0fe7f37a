// A command: its words, its options, and what it does. Every noun has a file cmd_*.cpp that declares its commands in
// the order of the help; all_commands() is the table of them. Nothing else knows which commands there are.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/clock.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "common/api/client.h"

namespace CLI {
class App;
}

namespace konekwa::cli {

struct GlobalOptions {
  std::string url, api_key, api_key_file, tenant, profile;
  bool is_json = false, is_jsonl = false, is_quiet = false, is_without_header = false;
  std::string fields;   // with commas between them
};

// What a command may use. Made after parsing; it lives as long as the command runs.
struct Context {
  api::ApiClient& client;
  Output& output;
  Clock& clock;
  std::istream& in;
  bool is_in_tty;      // a person types into `in`
  bool is_err_tty;     // stderr is a screen that can be changed: progress may be shown there
  std::function<Terminal()> terminal;       // that of stdout
  std::function<Terminal()> err_terminal;
  const GlobalOptions& options;
  std::string default_session;   // "" when none is set

  TableLook columns() const;   // how a table is drawn on what stdout is
};

using Run = std::function<api::Outcome<>(Context&)>;

struct Command {
  std::string noun;       // "sessions"; "" for a command that is one word
  std::string name;       // "create"
  std::string summary;    // verb first, capital letter, no period
  std::string example;    // a whole command line
  std::function<Run(CLI::App&)> declare;   // adds the options, and returns what uses their values
  bool is_local = false;  // works also where nothing is known of a daemon; its client is then of no use
};
using Commands = std::vector<Command>;

Commands send_commands();
Commands qr_commands();
Commands pair_commands();
Commands sessions_commands();
Commands sessions_link_commands();
Commands sessions_webhooks_commands();
Commands messages_commands();
Commands media_commands();
Commands groups_commands();
Commands templates_commands();
Commands webhooks_commands();
Commands tokens_commands();
Commands tenants_commands();
Commands events_commands();
Commands listen_commands();
Commands health_commands();
Commands doctor_commands();
Commands backup_commands();
Commands config_commands();
Commands api_commands();
Commands sandbox_commands();
Commands sandbox_messages_commands();

Commands all_commands();
std::string noun_summary(const std::string& noun);   // for the help of `konekwa`

// What an option or argument is called in help decides how it is completed (candidates.cpp):
// "on|off" as one of these words, and what ends with ",..." as a list with commas in it.
inline constexpr const char* kSessionValue = "SESSION";
inline constexpr const char* kMessageValue = "MESSAGE";
inline constexpr const char* kTemplateValue = "TEMPLATE";
inline constexpr const char* kWebhookValue = "WEBHOOK";
inline constexpr const char* kTokenValue = "TOKEN";
inline constexpr const char* kTenantValue = "TENANT";
inline constexpr const char* kGroupValue = "GROUP";
inline constexpr const char* kProfileValue = "PROFILE";
inline constexpr const char* kFieldsValue = "FIELD,...";
inline constexpr const char* kStatusValue = "STATUS";        // of a message
inline constexpr const char* kMessageTypeValue = "TYPE";
inline constexpr const char* kEventValue = "EVENT";
inline constexpr const char* kEventsValue = "EVENT,...";     // "session.*" as well
inline constexpr const char* kChatsValue = "CHAT,...";
inline constexpr const char* kScopeValue = "SCOPE";
inline constexpr const char* kSettingValue = "VALUE";        // of config set
inline constexpr const char* kFileValue = "FILE";
inline constexpr const char* kFileOrUrlValue = "FILE-OR-URL";
inline constexpr const char* kDurationValue = "DURATION";

// The argument of a command that acts on one thing.
struct IdArgument {
  const char* name;          // "session"
  const char* description;   // "Id of the session"
  const char* value;         // kSessionValue
};
void add_id(CLI::App& app, std::string& id, const IdArgument& argument);

// For commands that take such an argument and nothing else.
using IdAction = api::Outcome<> (*)(Context&, const std::string& id);
std::function<Run(CLI::App&)> with_id(const IdArgument& argument, IdAction action);

// The same for what cannot be undone: with --yes, or when a person says so. The id goes behind `what_it_does`.
std::function<Run(CLI::App&)> with_id_confirmed(const IdArgument& argument, std::string what_it_does,
                                                IdAction action);

// Prints what an answer says about itself: its "message", and its "status" where it has one.
api::Outcome<> answer_done(Context& context, const api::Outcome<api::Response>& response, const std::string& id);

// For option checks: "" when it is right, otherwise what is wrong.
std::string duration_problem(const std::string& text);
Duration duration_of(const std::string& checked_text);

// What cannot be undone is done with --yes, or when the person at the terminal writes `answer`.
void add_yes(CLI::App& app, bool& has_yes);
api::Outcome<> confirmed(Context& context, bool has_yes, const std::string& what_it_does,
                         const std::string& answer = "yes");

// Prints a list: a table whose columns are fields of its objects, and their ids.
struct Column {
  const char* header;
  const char* key;
};
api::Outcome<> answer_list(Context& context, const api::Outcome<api::Response>& response,
                           const std::vector<Column>& columns);

// A value given as "-" is the text of stdin, at most `bytes_max`, without one final line end.
api::Outcome<std::string> text_or_stdin(const Context& context, const std::string& value, std::size_t bytes_max);

// The same of what nobody else is to see: one line, and what a person types is not shown.
api::Outcome<std::string> secret_or_stdin(const Context& context, const std::string& value, std::size_t bytes_max);

// The same for the name of a file.
api::Outcome<std::string> file_or_stdin(const Context& context, const std::string& path, std::size_t bytes_max);

}  // namespace konekwa::cli
