#include "cli/run.h"

#include <algorithm>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/complete.h"
#include "cli/connect.h"
#include "cli/hint.h"
#include "cli/named.h"
#include "cli/tree.h"
#include "cli/usage.h"

namespace konekwa::cli {
namespace {

constexpr const char* kCompleteWord = "__complete";

// CLI11 parts its groups by two empty lines. Help is to fit on one screen.
std::string help_text(const CLI::App& root) {
  std::string text = root.help();
  for (std::size_t at; (at = text.find("\n\n\n")) != std::string::npos;) text.erase(at, 1);
  return text;
}

int say(const std::string& text, std::ostream& out) {
  out << text << std::flush;
  return out ? kExitOk : exit_code(ErrorCode::INTERNAL_ERROR);
}

int report(api::Failure failure, Output& output) {
  const bool is_cancelled = failure.error.code == ErrorCode::CANCELLED;
  if (is_cancelled && failure.hint.empty()) return exit_code(failure.error.code);   // Ctrl-C needs no words
  if (failure.hint.empty()) failure.hint = hint_for(failure);
  output.failure(failure);
  return exit_code(failure.error.code);
}

Output::Form form_of(const GlobalOptions& options) {
  if (options.is_json) return Output::Form::Json;
  if (options.is_jsonl) return Output::Form::Jsonl;
  return options.is_quiet ? Output::Form::Ids : Output::Form::Text;
}

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) {
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

// Who is there without being looked for. Any other must be found: what is made for one that is not there makes it too.
bool is_plain_tenant(std::string_view tenant) { return tenant.empty() || tenant == "default"; }

int run_command(Tree& tree, World& world) {
  const GlobalOptions& options = tree.options;
  Output output(world.out, world.err,
                {form_of(options), words_of(options.fields), !options.is_without_header, world.terminal().is_tty,
                 world.err_terminal().has_colour, world.language});
  const auto chosen = std::find_if(tree.leaves.begin(), tree.leaves.end(),
                                   [](const Tree::Leaf& leaf) { return leaf.app->parsed(); });
  KONEKWA_ASSERT(chosen != tree.leaves.end());
  const auto settings = find_settings(options);
  if (!settings && !chosen->is_local) return report(settings.error(), output);
  auto target = find_daemon(settings.value_or(Settings()));
  if (!target && !chosen->is_local) return report(target.error(), output);
  const auto with_client = [&](api::ApiClient::Options daemon, const auto& use) {
    daemon.on_socket = [&clock = world.clock](int socket) { return clock.break_on_interrupt(socket); };
    api::ApiClient client(std::move(daemon));
    Context context{client,           output,         world.clock, world.in,
                    world.is_in_tty,  world.err_terminal().has_cursor, world.terminal, world.err_terminal, options,
                    settings ? settings->session.value : std::string()};
    return use(context);
  };
  if (!chosen->is_local && !is_plain_tenant(target->tenant)) {
    api::ApiClient::Options for_all = *target;
    const std::string written = std::exchange(for_all.tenant, {});
    auto id = with_client(std::move(for_all), [&](Context& context) { return id_of(context, kTenants, written); });
    if (!id) return report(id.error(), output);
    target->tenant = std::move(*id);
  }
  const auto done = with_client(std::move(target).value_or(api::ApiClient::Options()), chosen->run);
  if (!done) return report(done.error(), output);
  if (world.out) return kExitOk;
  if (output.has_lost_reader()) return exit_code(ErrorCode::INTERNAL_ERROR);   // "| head" needs no words
  return report(api::failed("OUTPUT_FAILED", "stdout cannot be written").value(), output);
}

}  // namespace

int run(std::vector<std::string> words, World& world) {
  if (!words.empty() && words.front() == kCompleteWord) {
    complete({words.begin() + 1, words.end()}, world.out);
    return kExitOk;
  }
  if (!words.empty() && words.front() == "help") {   // "help send" is "send --help"
    words.erase(words.begin());
    words.push_back("--help");
  }
  const std::unique_ptr<Tree> tree = make_tree(words);
  try {
    tree->root->parse(std::vector<std::string>(words.rbegin(), words.rend()));   // CLI11 takes them from the end
  } catch (const CLI::CallForVersion& version) {
    return say(fmt::format("{}\n", version.what()), world.out);
  } catch (const CLI::ParseError& error) {
    const bool asks_for_help = dynamic_cast<const CLI::CallForHelp*>(&error) != nullptr;
    if (asks_for_help && !names_no_command(*tree->root)) return say(help_text(*tree->root), world.out);
    const bool wants_json = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word == "--json" || word == "--jsonl";
    });
    Output output(world.out, world.err,
                  {wants_json ? Output::Form::Json : Output::Form::Text, {}, true, false,
                   world.err_terminal().has_colour, world.language});
    output.failure(usage_failure(*tree->root, error));
    return kExitUsage;
  }
  return run_command(*tree, world);
}

}  // namespace konekwa::cli
