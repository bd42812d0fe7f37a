#include "cli/complete.h"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/connect.h"
#include "cli/print.h"
#include "cli/tree.h"

namespace konekwa::cli {
namespace {

struct Source {
  const char* value;         // the name that help gives such a value
  const char* target;
  const char* list;          // the key of the array in the answer
  const char* description;   // the key of the words beside each id
  bool has_names = false;    // those words may stand for the id
};
constexpr Source kSources[] = {
    {kSessionValue, "/v1/sessions", "sessions", "name", true},
    {kMessageValue, "/v1/messages?page_size=20", "messages", "content"},
    {kTemplateValue, "/v1/templates", "templates", "name", true},
    {kWebhookValue, "/v1/webhooks/failed", "webhooks", "event_type"},
    {kTokenValue, "/v1/tokens", "tokens", "name", true},
    {kTenantValue, "/v1/tenants", "tenants", "name", true},
};
constexpr int kDescriptionColumns = 40;

// What a shell takes as it is, without quotation marks.
bool is_one_word(const std::string& name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.find_first_not_of(letters) == std::string::npos;
}

// A shell waits for us on a key press. Whatever hangs (a name server, a stopped daemon), the candidates that are
// out by then are all there will be.
class Budget {
 public:
  Budget() : before_(::signal(SIGALRM, [](int) { ::_exit(0); })) { set_timer(kCompleteBudget); }
  ~Budget() {
    set_timer(Duration(0));
    ::signal(SIGALRM, before_);
  }

 private:
  static void set_timer(Duration duration) {
    itimerval timer{};
    timer.it_value.tv_usec = static_cast<suseconds_t>(duration.count() * 1000);
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
  void (*before_)(int);
};

class Completer {
 public:
  Completer(std::ostream& out, std::string word, const GlobalOptions& options)
      : out_(out), word_(std::move(word)), options_(options) {}

  void offer(const std::string& candidate, const std::string& description = {}) {
    if (!candidate.starts_with(word_)) return;
    out_ << candidate;
    if (!description.empty()) out_ << '\t' << description;
    out_ << '\n' << std::flush;
  }

  void offer_value(const CLI::Option& option) {
    const std::string kind = option.get_type_name();
    if (kind.find('|') != std::string::npos) {
      for (const std::string& choice : CLI::detail::split(kind, '|')) offer(choice);
      return;
    }
    for (const Source& source : kSources) {
      if (kind == source.value) offer_ids(source);
    }
  }

 private:
  void offer_ids(const Source& source) {
    const auto settings = find_settings(options_);
    if (!settings) return;
    auto target = find_daemon(*settings);
    if (!target) return;
    api::ApiClient client(std::move(*target));
    const Budget budget;
    const auto response = client.get(source.target);
    if (!response) return;
    for (const Json& item : child(response->body, source.list)) {
      const std::string id = field(item, "id"), name = field(item, source.description);
      offer(id, shortened(name, kDescriptionColumns));
      if (source.has_names && !word_.empty() && is_one_word(name)) offer(name, id);
    }
  }

  std::ostream& out_;
  std::string word_;
  const GlobalOptions& options_;
};

CLI::App* subcommand_named(CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands([&](CLI::App* sub) { return sub->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

// What the words before the last one lead to.
struct Position {
  CLI::App* app;
  const CLI::Option* awaits_value = nullptr;   // the word before is an option that takes one
  std::size_t arguments = 0;                   // positional words of `app` so far
};

Position walk(CLI::App& root, GlobalOptions& options, const std::vector<std::string>& words) {
  Position at{&root};
  for (const std::string& word : words) {
    if (at.awaits_value != nullptr) {
      if (at.awaits_value->check_name("--url")) options.url = word;
      if (at.awaits_value->check_name("--api-key")) options.api_key = word;
      if (at.awaits_value->check_name("--api-key-file")) options.api_key_file = word;
      if (at.awaits_value->check_name("--profile")) options.profile = word;
      if (at.awaits_value->check_name("--tenant")) options.tenant = word;
      at.awaits_value = nullptr;
    } else if (word.starts_with('-')) {
      const CLI::Option* option = at.app->get_option_no_throw(word);
      if (option != nullptr && option->get_type_size() > 0) at.awaits_value = option;
    } else if (CLI::App* next = subcommand_named(*at.app, word)) {
      at.app = next;
    } else {
      ++at.arguments;
    }
  }
  return at;
}

void offer_options(const CLI::App& app, Completer& completer) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) completer.offer("--" + name, option->get_description());
  }
}

void offer_argument(const CLI::App& app, std::size_t index, Completer& completer) {
  const auto arguments = app.get_options([](const CLI::Option* option) { return option->get_positional(); });
  if (index < arguments.size()) completer.offer_value(*arguments[index]);
}

}  // namespace

void complete(std::vector<std::string> words, std::ostream& out) {
  if (!words.empty() && words.front() == "--") words.erase(words.begin());
  if (words.empty()) words.emplace_back();
  const std::string last = words.back();
  words.pop_back();

  const std::unique_ptr<Tree> tree = make_tree(words);
  const Position at = walk(*tree->root, tree->options, words);
  Completer completer(out, last, tree->options);
  if (at.awaits_value != nullptr) return completer.offer_value(*at.awaits_value);
  if (last.starts_with('-')) return offer_options(*at.app, completer);
  for (const CLI::App* sub : at.app->get_subcommands([](const CLI::App*) { return true; })) {
    completer.offer(sub->get_name(), sub->get_description());
  }
  offer_argument(*at.app, at.arguments, completer);
}

}  // namespace konekwa::cli
