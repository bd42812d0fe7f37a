#include "cli/complete.h"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/candidates.h"
#include "cli/tree.h"

namespace konekwa::cli {
namespace {

constexpr std::string_view kEndOfOptions = "--";

CLI::App* subcommand_named(CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands([&](CLI::App* sub) { return sub->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// An option and the value behind it in the same word: "--wait=de", "-ofoto.jpg".
struct Joined {
  const CLI::Option* option = nullptr;
  std::size_t value_at = 0;
};

Joined joined_in(const CLI::App& app, const std::string& word) {
  if (!word.starts_with('-') || word.size() < 3) return {};
  const bool is_long = word[1] == '-';
  const std::size_t equals = word.find('=');
  if (is_long && equals == std::string::npos) return {};
  const CLI::Option* option = app.get_option_no_throw(word.substr(0, is_long ? equals : 2));
  if (option == nullptr || !takes_value(*option)) return {};
  return {option, is_long ? equals + 1 : 2};
}

// Follows the words before the one that is being completed.
class Walk {
 public:
  Walk(CLI::App& root, GlobalOptions& options) : app_(&root), said_{options, {}, {}}, options_(options) {}

  void take(const std::string& word) {
    if (awaits_value_ != nullptr) {
      take_value(*awaits_value_, word);
      awaits_value_ = nullptr;
    } else if (!has_ended_options_ && word == kEndOfOptions) {
      has_ended_options_ = true;
    } else if (!has_ended_options_ && word.starts_with('-')) {
      take_option(word);
    } else if (CLI::App* next = has_ended_options_ ? nullptr : subcommand_named(*app_, word)) {
      app_ = next;
      said_.command += (said_.command.empty() ? "" : " ") + word;
    } else {
      arguments_.push_back(word);
    }
  }

  void offer(Candidates& candidates) const {
    if (awaits_value_ != nullptr) return offer_values(*awaits_value_, said_, candidates);
    if (!has_ended_options_ && candidates.begun().starts_with('-')) return offer_options(candidates);
    for (const CLI::App* sub : app_->get_subcommands([](const CLI::App*) { return true; })) {
      candidates.offer(sub->get_name(), sub->get_description());
    }
    offer_argument(candidates);
  }

 private:
  void take_option(const std::string& word) {
    const Joined joined = joined_in(*app_, word);
    if (joined.option != nullptr) return take_value(*joined.option, word.substr(joined.value_at));
    const CLI::Option* option = app_->get_option_no_throw(word);
    if (option != nullptr && takes_value(*option)) awaits_value_ = option;
  }

  void take_value(const CLI::Option& option, const std::string& value) {
    const std::pair<const char*, std::string*> kept[] = {
        {"--url", &options_.url},         {"--api-key", &options_.api_key}, {"--api-key-file", &options_.api_key_file},
        {"--profile", &options_.profile}, {"--tenant", &options_.tenant},   {"--session", &said_.session}};
    for (const auto& [name, place] : kept) {
      if (option.check_name(name)) *place = value;
    }
  }

  void offer_options(Candidates& candidates) const {
    if (const Joined joined = joined_in(*app_, candidates.begun()); joined.option != nullptr) {
      candidates.keep(joined.value_at);
      return offer_values(*joined.option, said_, candidates);
    }
    for (const CLI::Option* option : app_->get_options()) {
      for (const std::string& name : option->get_lnames()) candidates.offer("--" + name, option->get_description());
    }
  }

  void offer_argument(Candidates& candidates) const {
    const auto declared = app_->get_options([](const CLI::Option* option) { return option->get_positional(); });
    if (arguments_.size() >= declared.size()) return;
    const std::string kind = declared[arguments_.size()]->get_type_name();
    if (kind != kSettingValue || arguments_.empty()) return offer_values(kind, said_, candidates);
    // The value of a setting is what the option of that name takes.
    if (arguments_.back() == "session") return offer_values(kSessionValue, said_, candidates);
    const CLI::Option* same = app_->get_option_no_throw("--" + arguments_.back());
    if (same != nullptr) offer_values(*same, said_, candidates);
  }

  CLI::App* app_;
  Said said_;
  GlobalOptions& options_;
  const CLI::Option* awaits_value_ = nullptr;   // the word before is an option that takes one
  std::vector<std::string> arguments_;          // positional words of `app_` so far
  bool has_ended_options_ = false;
};

}  // namespace

void complete(std::vector<std::string> words, std::ostream& out) {
  if (!words.empty() && words.front() == kEndOfOptions) words.erase(words.begin());
  if (words.empty()) words.emplace_back();
  Candidates candidates(out, words.back());
  words.pop_back();

  if (!words.empty() && words.front() == "help") words.erase(words.begin());   // it goes on as without it
  const std::unique_ptr<Tree> tree = make_tree(words);
  Walk walk(*tree->root, tree->options);
  for (const std::string& word : words) walk.take(word);
  walk.offer(candidates);
}

}  // namespace konekwa::cli
