// Reads the stream of events for commands that follow it: joins it again when the connection is lost, behind the last
// event that came.
#pragma once

#include <functional>
#include <string>

#include "cli/command.h"

namespace konekwa::cli {

struct EventSelection {
  std::string after;     // a position; "" from now on
  std::string session, types;
};
void add_event_selection(CLI::App& app, EventSelection& selection);

class EventReader {
 public:
  // False: enough.
  using OnEvent = std::function<bool(const api::ServerEvent& event)>;
  EventReader(Context& context, EventSelection selection, OnEvent on_event)
      : context_(context), selection_(std::move(selection)), on_event_(std::move(on_event)) {}

  // Until it is enough, or until Ctrl-C, which is CANCELLED. A stream that never began is told at once: the address may
  // be wrong.
  api::Outcome<> run();

 private:
  bool may_pass(const api::Failure& failure) const { return has_connected_ && is_retryable(failure.error.code); }
  api::Outcome<> follow();
  bool take(const api::ServerEvent& event);

  Context& context_;
  const EventSelection selection_;
  const OnEvent on_event_;
  std::string position_;         // of the last event, or of the beginning
  std::uint64_t taken_ = 0;
  bool is_enough_ = false, has_connected_ = false;
};

}  // namespace konekwa::cli
