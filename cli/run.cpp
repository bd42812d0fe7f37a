#include "cli/run.h"

#include <algorithm>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/complete.h"
#include "cli/connect.h"
#include "cli/hint.h"
#include "cli/suggest.h"
#include "cli/tree.h"

namespace konekwa::cli {
namespace {

constexpr const char* kCompleteWord = "__complete";

// CLI11 parts its groups by two empty lines. Help is to fit on one screen.
std::string help_text(const CLI::App& root) {
  std::string text = root.help();
  for (std::size_t at; (at = text.find("\n\n\n")) != std::string::npos;) text.erase(at, 1);
  return text;
}

// The command that was meant, as far as its words are ones, and its path.
struct Meant {
  const CLI::App* app;
  std::string path;
};

Meant command_meant(const CLI::App& root) {
  Meant meant{&root, root.get_name()};
  while (!meant.app->get_subcommands().empty()) {
    meant.app = meant.app->get_subcommands().front();
    meant.path += " " + meant.app->get_name();
  }
  return meant;
}

bool is_option(std::string_view word) { return word.starts_with("-") && word != "-"; }

// Of the words that were not understood the first that is an option, or else the first; "" when all were.
std::string unknown_word(const CLI::App& root) {
  const std::vector<std::string> words = root.remaining(true);
  const auto option = std::find_if(words.begin(), words.end(), is_option);
  return option != words.end() ? *option : words.empty() ? "" : words.front();
}

std::string suggestion(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  for (const CLI::App* owner = &app; owner != nullptr; owner = owner->get_parent()) {
    for (const CLI::Option* option : owner->get_options()) {
      if (!option->get_lnames().empty()) names.push_back("--" + option->get_lnames().front());
    }
  }
  return nearest(word, names);
}

api::Failure usage_failure(const CLI::App& root, const CLI::ParseError& error) {
  std::string what = error.what();
  if (!what.empty() && what.back() == '.') what.pop_back();
  const Meant meant = command_meant(root);
  const std::string word = unknown_word(root);
  const bool needs_command = !meant.app->get_subcommands([](const CLI::App*) { return true; }).empty();
  if (is_option(word)) what = fmt::format("there is no option {}", word);
  else if (!word.empty() && needs_command) what = fmt::format("there is no command '{}'", word);
  else if (!word.empty()) what = fmt::format("a word too many: '{}'", word);
  else if (needs_command) what = "a command is missing";
  const std::string near = suggestion(*meant.app, word);
  return api::Failure(Error(ErrorCode::INVALID_REQUEST, std::move(what), ""),
                      near.empty() ? fmt::format("{} --help", meant.path)
                                   : fmt::format("did you mean {}? {} --help shows what there is", near, meant.path));
}

int report(api::Failure failure, Output& output) {
  if (failure.error.code == ErrorCode::CANCELLED) return exit_code(failure.error.code);   // Ctrl-C needs no words
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

int run_command(Tree& tree, World& world) {
  const GlobalOptions& options = tree.options;
  Output output(world.out, world.err,
                {form_of(options), words_of(options.fields), !options.is_without_header, world.terminal().is_tty,
                 world.has_error_colour, world.language});
  const auto chosen = std::find_if(tree.leaves.begin(), tree.leaves.end(),
                                   [](const Tree::Leaf& leaf) { return leaf.app->parsed(); });
  KONEKWA_ASSERT(chosen != tree.leaves.end());
  const auto settings = find_settings(options);
  if (!settings && !chosen->is_local) return report(settings.error(), output);
  auto target = find_daemon(settings.value_or(Settings()));
  if (!target && !chosen->is_local) return report(target.error(), output);
  api::ApiClient client(std::move(target).value_or(api::ApiClient::Options()));
  Context context{client,           output,         world.clock, world.in,
                  world.is_in_tty,  world.is_err_tty, world.terminal, options,
                  settings ? settings->session.value : std::string()};
  auto done = chosen->run(context);
  if (!done) return report(done.error(), output);
  if (world.out) return kExitOk;
  if (output.has_lost_reader()) return exit_code(ErrorCode::INTERNAL_ERROR);   // "| head" needs no words
  return report(api::Failure(Error(ErrorCode::INTERNAL_ERROR, "stdout cannot be written", "")), output);
}

}  // namespace

int run(const std::vector<std::string>& words, World& world) {
  if (!words.empty() && words.front() == kCompleteWord) {
    complete({words.begin() + 1, words.end()}, world.out);
    return kExitOk;
  }
  const std::unique_ptr<Tree> tree = make_tree(words);
  try {
    tree->root->parse(std::vector<std::string>(words.rbegin(), words.rend()));   // CLI11 takes them from the end
  } catch (const CLI::CallForHelp&) {
    world.out << help_text(*tree->root) << std::flush;
    return kExitOk;
  } catch (const CLI::CallForVersion& version) {
    world.out << version.what() << std::endl;
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    const bool wants_json = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word == "--json" || word == "--jsonl";
    });
    Output output(world.out, world.err,
                  {wants_json ? Output::Form::Json : Output::Form::Text, {}, true, false, world.has_error_colour,
                   world.language});
    output.failure(usage_failure(*tree->root, error));
    return kExitUsage;
  }
  return run_command(*tree, world);
}

}  // namespace konekwa::cli
