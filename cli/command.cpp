#include "cli/command.h"

#include <fstream>
#include <istream>
#include <iterator>

#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/print.h"

namespace konekwa::cli {
namespace {

api::Outcome<std::string> text_of(std::istream& in, const std::string& name, std::size_t bytes_max) {
  std::string text(bytes_max + 2, '\0');   // room for the line end, and for one octet too many
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.size() <= bytes_max) return text;
  return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{} holds more than {} bytes", name, bytes_max));
}

// While it lives, what is typed is not shown, and Ctrl-C ends the line instead of the program, which would leave the
// terminal so.
class HiddenTyping {
 public:
  static constexpr char kCtrlC = 3;

  HiddenTyping() : is_changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    hidden.c_cc[VEOL] = kCtrlC;
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~HiddenTyping() {
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  HiddenTyping(const HiddenTyping&) = delete;

 private:
  termios before_{};
  const bool is_changed_;
};

}  // namespace

Commands all_commands() {
  Commands out;
  for (const auto& commands_of_noun :
       {send_commands, qr_commands, pair_commands, sessions_commands, sessions_link_commands,
        sessions_webhooks_commands, messages_commands, media_commands, groups_commands, templates_commands,
        webhooks_commands, events_commands, listen_commands, tokens_commands, tenants_commands, health_commands,
        doctor_commands, backup_commands, config_commands, api_commands, sandbox_commands,
        sandbox_messages_commands}) {
    Commands more = commands_of_noun();
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  return out;
}

std::string noun_summary(const std::string& noun) {
  static const std::pair<const char*, const char*> kSummaries[] = {
      {"sessions", "Manage linked WhatsApp numbers"},
      {"messages", "Look at messages, sent and received"},
      {"media", "Manage files to be sent"},
      {"groups", "Look at the groups of a session"},
      {"templates", "Manage texts with placeholders"},
      {"webhooks", "Look after deliveries that failed"},
      {"tokens", "Manage API keys"},
      {"tenants", "Manage those who share this konekwad"},
      {"config", "Keep settings of this command line"},
      {"sandbox", "Act as the phones of the simulated WhatsApp"},
  };
  for (const auto& [name, summary] : kSummaries) {
    if (noun == name) return summary;
  }
  return {};
}

std::string duration_problem(const std::string& text) {
  return parse_duration(text) ? std::string() : fmt::format("not a duration: '{}'; write 30s, 5m or 2h", text);
}

Duration duration_of(const std::string& checked_text) {
  const auto duration = parse_duration(checked_text);
  KONEKWA_ASSERT(duration.has_value());
  return *duration;
}

TableLook Context::columns() const {
  const Terminal screen = terminal();
  return {screen.is_tty ? screen.columns : 0, output.has_header(), screen.has_colour};
}

void add_id(CLI::App& app, std::string& id, const IdArgument& argument) {
  app.add_option(argument.name, id, argument.description)->required()->type_name(argument.value);
}

std::function<Run(CLI::App&)> with_id(const IdArgument& argument, IdAction action) {
  return [argument, action](CLI::App& app) -> Run {
    auto id = std::make_shared<std::string>();
    add_id(app, *id, argument);
    return [id, action](Context& context) { return action(context, *id); };
  };
}

api::Outcome<> answer_done(Context& context, const api::Outcome<api::Response>& response, const std::string& id) {
  if (!response) return api::failed(response.error());
  const std::string message = field(response->body, "message");
  const std::string status = field(response->body, "status");
  const std::string said = message.empty() ? printable(id) : message;
  context.output.answer(*response, {id}, fmt::format("{}{}{}\n", said, status.empty() ? "" : ": ", status));
  return {};
}

void add_yes(CLI::App& app, bool& has_yes) { app.add_flag("--yes", has_yes, "Do it without asking"); }

api::Outcome<> confirmed(Context& context, bool has_yes, const std::string& what_it_does, const std::string& answer) {
  if (has_yes) return {};
  if (!context.is_in_tty) {
    return api::failed(ErrorCode::INVALID_REQUEST, what_it_does, "add --yes if that is meant");
  }
  context.output.ask(fmt::format("{}; type {} to go on:", what_it_does, answer));
  std::string line;
  std::getline(context.in, line);
  if (line == answer) return {};
  return api::failed(ErrorCode::INVALID_REQUEST, "not confirmed, nothing was done");
}

std::function<Run(CLI::App&)> with_id_confirmed(const IdArgument& argument, std::string what_it_does,
                                                 IdAction action) {
  return [argument, what_it_does, action](CLI::App& app) -> Run {
    auto id = std::make_shared<std::string>();
    auto has_yes = std::make_shared<bool>(false);
    add_id(app, *id, argument);
    add_yes(app, *has_yes);
    return [id, has_yes, what_it_does, action](Context& context) {
      const auto may = confirmed(context, *has_yes, fmt::format("{} {}", what_it_does, *id));
      return may ? action(context, *id) : may;
    };
  };
}

api::Outcome<> answer_list(Context& context, const api::Outcome<api::Response>& response,
                           const std::vector<Column>& columns) {
  if (!response) return api::failed(response.error());
  std::vector<std::string> header;
  for (const Column& column : columns) header.emplace_back(column.header);
  Table table(std::move(header));
  std::vector<std::string> ids;
  for (const Json* item : items_of(response->body)) {
    std::vector<std::string> row;
    for (const Column& column : columns) row.push_back(field(*item, column.key));
    table.add(std::move(row));
    ids.push_back(field(*item, "id"));
  }
  context.output.answer(*response, ids, table.text(context.columns()));
  return {};
}

api::Outcome<std::string> text_or_stdin(const Context& context, const std::string& value, std::size_t bytes_max) {
  if (value != "-") return value;
  if (context.is_in_tty) context.output.note("type the text, end it with Ctrl-D on a line of its own");
  return text_of(context.in, "stdin", bytes_max);
}

api::Outcome<std::string> secret_or_stdin(const Context& context, const std::string& value, std::size_t bytes_max) {
  if (value != "-" || !context.is_in_tty) return text_or_stdin(context, value, bytes_max);
  std::string line;
  char last = 0;
  {
    const HiddenTyping hidden;   // before somebody is asked to type: what was typed until then is dropped
    context.output.ask("type it, and Enter; it is not shown:");
    while (context.in.get(last) && last != '\n' && last != HiddenTyping::kCtrlC) line += last;
  }
  context.output.aside({""});
  if (last == HiddenTyping::kCtrlC) return api::failed(ErrorCode::CANCELLED, "cancelled");
  return line;
}

api::Outcome<std::string> file_or_stdin(const Context& context, const std::string& path, std::size_t bytes_max) {
  if (path == "-") return text_or_stdin(context, path, bytes_max);
  std::ifstream file(path, std::ios::binary);
  auto text = text_of(file, path, bytes_max);
  if (file.is_open() && !file.bad()) return text;
  return api::failed(api::unreadable(path));
}

}  // namespace konekwa::cli
