#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/event_reader.h"
#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

struct Options {
  EventSelection selection;
  std::uint64_t count = 0;   // 0: until it is interrupted
  bool is_following = false;
};

std::string count_problem(const std::string& text) {
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? "" : fmt::format("not a number: '{}'", text);
}

// Where the event is in the stream, which --after takes, is not in the event itself.
constexpr const char* kPosition = "position";

void show(Context& context, const api::ServerEvent& event) {
  if (!context.options.fields.empty()) {
    auto body = parse_json(event.data);
    if (!body || !body->is_object()) return;
    (*body)[kPosition] = event.id;
    return context.output.answer({200, event.data, std::move(*body)}, {event.id}, "");
  }
  if (context.output.form() == Output::Form::Ids) return context.output.raw(printable(event.id) + "\n");
  std::string envelope = event.data;
  std::replace(envelope.begin(), envelope.end(), '\n', ' ');   // between tokens: within strings it is escaped
  const bool is_for_eyes = context.output.form() == Output::Form::Text && context.columns() > 0;
  is_for_eyes ? context.output.raw(printable(envelope) + "\n") : context.output.document(envelope + "\n");
}

api::Outcome<> run(Context& context, const Options& options) {
  std::uint64_t shown = 0;
  const auto follow = [&](const EventSelection& selection) {
    return EventReader(context, selection, [&](const api::ServerEvent& event) {
             show(context, event);
             return ++shown != options.count;
           }).run();
  };
  auto done = follow(options.selection);
  if (done || done.error().error.code != ErrorCode::SESSION_NOT_FOUND) return done;
  EventSelection by_name = options.selection;
  const auto session = id_of(context, kSessions, by_name.session);
  if (!session) return api::failed(session.error());
  if (*session == by_name.session) return done;
  by_name.session = *session;
  return follow(by_name);
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_flag("-f,--follow", options->is_following, "Go on until Ctrl-C, as it does anyway");
  add_event_selection(app, options->selection);
  app.add_option("--count", options->count, "Stop after so many")->type_name("NUMBER")->check(count_problem);
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Commands events_commands() {
  return {{"", "events", "Print events as they happen, one JSON document a line",
           "konekwa events --types message.received", declare}};
}

}  // namespace konekwa::cli
