#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr Duration kRetryFirst = milliseconds(100);
constexpr Duration kRetryMax = seconds(5);

struct Options {
  std::string after, session, types;
  std::uint64_t count = 0;   // 0: until it is interrupted
};

std::string count_problem(const std::string& text) {
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? "" : fmt::format("not a number: '{}'", text);
}

class EventReader {
 public:
  EventReader(Context& context, const Options& options) : context_(context), options_(options) {}

  api::Outcome<> run() {
    for (Duration wait = kRetryFirst;; wait = std::min(wait * 2, kRetryMax)) {
      const std::uint64_t shown_before = shown_;
      const auto ended = follow();
      if (is_done()) return {};
      if (!context_.clock.pause(Duration(0))) return api::failed(ErrorCode::CANCELLED, "cancelled");
      if (!ended && !may_pass(ended.error())) return ended;
      has_connected_ = has_connected_ || ended;
      if (shown_ != shown_before) wait = kRetryFirst;
      context_.output.note(fmt::format("the connection has ended, trying again in {}", to_string(wait)));
      if (!context_.clock.pause(wait)) return api::failed(ErrorCode::CANCELLED, "cancelled");
    }
  }

 private:
  // A stream that never began is told at once: the address may be wrong.
  bool may_pass(const api::Failure& failure) const {
    return has_connected_ && is_retryable(failure.error.code);
  }
  bool is_done() const { return (options_.count != 0 && shown_ >= options_.count) || !context_.output.can_write(); }

  api::Outcome<> follow() {
    const std::string target = api::with_query("/v1/events", {{"after", position_.empty() ? options_.after : ""},
                                                              {"session_id", options_.session},
                                                              {"types", options_.types}});
    api::ApiClient::Headers headers;
    if (!position_.empty()) headers.emplace_back("Last-Event-ID", position_);
    return context_.client.follow(target, headers,
                                  {[this](const api::ServerEvent& event) { return take(event); },
                                   [this](int socket) { context_.clock.break_on_interrupt(socket); }});
  }

  bool take(const api::ServerEvent& event) {
    if (!event.id.empty()) position_ = event.id;
    if (event.data.empty()) return true;   // where the stream begins, and no event
    show(event.data);
    ++shown_;
    return !is_done();
  }

  void show(std::string envelope) {
    std::replace(envelope.begin(), envelope.end(), '\n', ' ');   // between tokens: within strings it is escaped
    if (context_.output.form() == Output::Form::Ids) return context_.output.raw(printable(position_) + "\n");
    const bool is_for_eyes = context_.output.form() == Output::Form::Text && context_.columns() > 0;
    context_.output.raw((is_for_eyes ? printable(envelope) : envelope) + "\n");
  }

  Context& context_;
  const Options& options_;
  std::string position_;         // of the last event, or of the beginning
  std::uint64_t shown_ = 0;
  bool has_connected_ = false;
};

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--after", options->after, "From this position on, 0 for all that is kept (default: from now on)")
      ->type_name("POSITION");
  app.add_option("--session", options->session, "Of this session only")->type_name(kSessionValue);
  app.add_option("--types", options->types, "Of these types only, such as message.received,session.status")
      ->type_name("TYPE,...");
  app.add_option("--count", options->count, "Stop after so many")->type_name("NUMBER")->check(count_problem);
  return [options](Context& context) { return EventReader(context, *options).run(); };
}

}  // namespace

Commands events_commands() {
  return {{"", "events", "Print events as they happen, one JSON document a line",
           "konekwa events --types message.received", declare}};
}

}  // namespace konekwa::cli
