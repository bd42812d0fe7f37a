#include "cli/event_reader.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace konekwa::cli {
namespace {

constexpr Duration kRetryFirst = milliseconds(100);
constexpr Duration kRetryMax = seconds(5);

}  // namespace

void add_event_selection(CLI::App& app, EventSelection& selection) {
  app.add_option("--after", selection.after, "From this position on, 0 for all that is kept (default: from now on)")
      ->type_name("POSITION");
  app.add_option("--session", selection.session, "Of this session only")->type_name(kSessionValue);
  app.add_option("--types", selection.types, "Of these types only, such as message.received,session.status")
      ->type_name(kEventsValue);
}

api::Outcome<> EventReader::run() {
  for (Duration wait = kRetryFirst;; wait = std::min(wait * 2, kRetryMax)) {
    const std::uint64_t taken_before = taken_;
    const auto ended = follow();
    if (is_enough_ || !context_.output.can_write()) return {};
    if (!context_.clock.pause(Duration(0))) return api::failed(ErrorCode::CANCELLED, "cancelled");
    if (!ended && !may_pass(ended.error())) return ended;
    has_connected_ = has_connected_ || ended;
    if (taken_ != taken_before) wait = kRetryFirst;
    context_.output.note(fmt::format("the connection has ended, trying again in {}", to_string(wait)));
    if (!context_.clock.pause(wait)) return api::failed(ErrorCode::CANCELLED, "cancelled");
  }
}

api::Outcome<> EventReader::follow() {
  const std::string target = api::with_query("/v1/events", {{"after", position_.empty() ? selection_.after : ""},
                                                            {"session_id", selection_.session},
                                                            {"types", selection_.types}});
  api::ApiClient::Headers headers;
  if (!position_.empty()) headers.emplace_back("Last-Event-ID", position_);
  return context_.client.follow(target, headers, [this](const api::ServerEvent& event) { return take(event); });
}

bool EventReader::take(const api::ServerEvent& event) {
  if (!event.id.empty()) position_ = event.id;
  if (event.data.empty()) return true;   // where the stream begins, and no event
  ++taken_;
  is_enough_ = !on_event_(event);
  return !is_enough_ && context_.output.can_write();
}

}  // namespace konekwa::cli
