#include "cli/usage.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/suggest.h"

namespace konekwa::cli {
namespace {

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

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool is_option(std::string_view word) { return word.starts_with("-") && word != "-"; }

// Of the words that were not understood the first that is an option, without its value, which may be a secret; or else
// the first. "" when all were understood.
std::string unknown_word(const CLI::App& root) {
  const std::vector<std::string> words = root.remaining(true);
  const auto option = std::find_if(words.begin(), words.end(), is_option);
  if (option != words.end()) return option->substr(0, option->find('='));
  return words.empty() ? "" : words.front();
}

std::string suggestion(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  for (const CLI::App* owner = &app; owner != nullptr; owner = owner->get_parent()) {
    for (const CLI::Option* option : owner->get_options()) {
      if (!option->get_lnames().empty()) names.push_back("--" + option->get_lnames().front());
    }
  }
  return nearest(word, names);
}

// What the parser says, as we say it: without a final period, and its own two sentences about values in our words.
std::string our_words(std::string what) {
  if (!what.empty() && what.back() == '.') what.pop_back();
  constexpr std::string_view no_number = "Could not convert: ", parting = " = ";
  if (what.ends_with(" missing")) return fmt::format("{} needs a value", what.substr(0, what.find(':')));
  const std::size_t at = what.find(parting);
  if (!what.starts_with(no_number) || at == std::string::npos) return what;
  return fmt::format("{}: not a number: '{}'", what.substr(no_number.size(), at - no_number.size()),
                     what.substr(at + parting.size()));
}

}  // namespace

bool names_no_command(const CLI::App& root) {
  const std::string word = unknown_word(root);
  return !commands_of(*command_meant(root).app).empty() && !word.empty() && !is_option(word);
}

api::Failure usage_failure(const CLI::App& root, const CLI::ParseError& error) {
  std::string what = our_words(error.what());
  const Meant meant = command_meant(root);
  const std::string word = unknown_word(root);
  const bool needs_command = !commands_of(*meant.app).empty();
  if (is_option(word)) what = fmt::format("there is no option {}", word);
  else if (!word.empty() && needs_command) what = fmt::format("there is no command '{}'", word);
  else if (!word.empty()) what = fmt::format("a word too many: '{}'", word);
  else if (needs_command) what = "a command is missing";
  const std::string near = suggestion(*meant.app, word);
  return api::Failure(Error(ErrorCode::INVALID_REQUEST, std::move(what), ""),
                      near.empty() ? fmt::format("{} --help", meant.path)
                                   : fmt::format("did you mean {}? {} --help shows what there is", near, meant.path));
}

}  // namespace konekwa::cli
