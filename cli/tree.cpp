#include "cli/tree.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace konekwa::cli {
namespace {

constexpr std::size_t kHelpColumn = 30;   // where descriptions begin
constexpr const char* kGlobalGroup = "Options everywhere";
constexpr const char* kUnshownGroup = "Options of every command";
constexpr const char* kCommandGroup = "Commands";
constexpr const char* kWhereTheRestIs = "Options everywhere, such as --json: konekwa --help\n\n";

// What may be empty, as a variable that was not set is: words, which are then not there. Anything else that comes out
// empty would choose another thing, or leave one out; where it means something, help says so with ''.
constexpr const char* kMayBeEmpty[] = {"TEXT", "EMOJI", kSettingValue};

std::string emptiness(const std::string& value) { return value.empty() ? "the value is empty" : ""; }

std::string example(const std::string& line) { return fmt::format("Example:\n  {}", line); }

// Each command takes them too, so that they may stand anywhere on the line.
void add_global_options(CLI::App& app, GlobalOptions& options, const char* group) {
  app.set_help_flag("-h,--help", "Show this help")->group(group);
  const auto flag = [&](const char* names, bool& value, const char* description) {
    return app.add_flag(names, value, description)->group(group);
  };
  app.add_option("--url", options.url, "Where konekwad is: unix:///path or http://host:port")
      ->group(group)->type_name("URL");
  app.add_option("--profile", options.profile, "Use this profile of the configuration")
      ->group(group)->type_name(kProfileValue);
  app.add_option("--api-key-file", options.api_key_file, "File that holds the API key")
      ->group(group)->type_name(kFileValue);
  app.add_option("--api-key", options.api_key, "The key itself; a file or KONEKWA_API_KEY keeps it secret")
      ->group(group)->type_name("KEY");
  app.add_option("--tenant", options.tenant, "Act for this tenant (admin only)")
      ->group(group)->type_name(kTenantValue);
  CLI::Option* json = flag("--json", options.is_json, "Print the API's answer unchanged");
  CLI::Option* jsonl = flag("--jsonl", options.is_jsonl, "Print each object as JSON on a line of its own");
  CLI::Option* quiet = flag("-q,--quiet", options.is_quiet, "Print ids only");
  jsonl->excludes(json);
  quiet->excludes(json)->excludes(jsonl);
  app.add_option("--fields", options.fields, "Print these fields only, such as id,status")
      ->group(group)->type_name(kFieldsValue)->excludes(json)->excludes(quiet);
  flag("--no-header", options.is_without_header, "Print tables without their first line");
}

void refuse_emptiness(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string kind = option->get_type_name();
    const bool is_words = std::find(std::begin(kMayBeEmpty), std::end(kMayBeEmpty), kind) != std::end(kMayBeEmpty);
    const bool may_be_empty = is_words || option->get_description().find("''") != std::string::npos;
    if (!kind.empty() && !may_be_empty) option->check(emptiness);
  }
}

// The one of a noun is made for its first command, whose example it shows.
CLI::App& parent_of(CLI::App& root, const Command& first) {
  const std::string& noun = first.noun;
  if (noun.empty()) return root;
  const auto same = root.get_subcommands([&](CLI::App* app) { return app->get_name() == noun; });
  if (!same.empty()) return *same.front();
  CLI::App& app = *root.add_subcommand(noun, noun_summary(noun));
  app.require_subcommand(1);
  app.group(kCommandGroup);
  app.set_help_flag("-h,--help", "Show this help")->group(kGlobalGroup);
  app.footer(example(first.example));
  return app;
}

// Without the options that CLI11 names beside an option because it needs or excludes them: they take rows of the
// screen, and whoever gets it wrong is told.
class HelpFormatter : public CLI::Formatter {
 public:
  // Nor has the help of a command room for what all of them take.
  std::string make_group(std::string group, bool is_positional,
                         std::vector<const CLI::Option*> options) const override {
    return group == kUnshownGroup ? "" : CLI::Formatter::make_group(group, is_positional, options);
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return fmt::format("{}{}{}", type.empty() ? "" : " ", type, option->get_required() ? " (required)" : "");
  }
};

std::shared_ptr<CLI::Formatter> make_formatter() {
  auto formatter = std::make_shared<HelpFormatter>();
  formatter->column_width(kHelpColumn);
  formatter->label("Positionals", "Arguments");
  formatter->label("SUBCOMMAND", "COMMAND");
  formatter->label("Subcommands", "Commands");
  return formatter;
}

bool may_mean(const std::vector<std::string>& words, const Command& command) {
  const auto has = [&](const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  return has(command.name) && (command.noun.empty() || has(command.noun));
}

}  // namespace

std::unique_ptr<Tree> make_tree(const std::vector<std::string>& words) {
  auto tree = std::make_unique<Tree>(
      Tree{{new CLI::App("Send and receive WhatsApp messages through konekwad", "konekwa"),
            [](CLI::App* app) { delete app; }},
           {},
           {}});
  CLI::App& root = *tree->root;
  root.formatter(make_formatter());
  root.set_version_flag("--version", "konekwa " KONEKWA_VERSION, "Show the version")->group(kGlobalGroup);
  root.footer(example("konekwa send --session ses_01 --to 6281234567890 --text 'Halo' --wait delivered"));
  root.require_subcommand(1);
  add_global_options(root, tree->options, kGlobalGroup);
  refuse_emptiness(root);
  for (const Command& command : all_commands()) {
    CLI::App& parent = parent_of(root, command);
    CLI::App* app = parent.add_subcommand(command.name, command.summary);
    app->group(kCommandGroup);
    if (!may_mean(words, command)) continue;
    Run run = command.declare(*app);
    add_global_options(*app, tree->options, kUnshownGroup);
    refuse_emptiness(*app);
    if (&parent != &root && parent.get_option_no_throw("--json") == nullptr) {   // between the two words as well
      add_global_options(parent, tree->options, kUnshownGroup);
      parent.get_help_ptr()->group(kGlobalGroup);
    }
    app->footer(kWhereTheRestIs + example(command.example));
    tree->leaves.push_back({app, std::move(run), command.is_local});
  }
  return tree;
}

}  // namespace konekwa::cli
