// /v1/events: what happens, as it happens.
#include <utility>

#include <fmt/format.h>

#include "daemon/http/api.h"
#include "daemon/http/event_source.h"

namespace konekwa::http {
namespace {

void stream_events(Gateway& gateway, const Call& call) {
  const std::string* last_id = call.request.header.find("last-event-id");
  auto query = gateway.event_query(call.caller, call.request.target.query, last_id == nullptr ? "" : *last_id);
  if (!query) return call.respond(to_response(query.error()));
  const auto position = std::make_shared<EventQuery>(std::move(*query));
  const auto is_first = std::make_shared<bool>(true);
  const Produce produce = [&gateway, position, is_first]() -> Produced {
    // Asked each time: a key that was revoked ends its streams.
    if (auto valid = gateway.check_still_valid(position->caller); !valid) {
      return {sse_event("", "error", to_response(valid.error()).body), true, false};
    }
    // The position at first: who loses the connection before the first event has a place to resume from.
    Produced out;
    if (std::exchange(*is_first, false)) out.text = fmt::format("id: {}\n\n", position->position);
    const auto events = gateway.next_events(*position);
    if (!events) return {sse_event("", "error", to_response(events.error()).body), true, false};
    for (const EventView& event : *events) {
      out.text += sse_event(std::to_string(event.position), event.event_type, event.body);
    }
    out.is_more = !position->is_at_end;
    return out;
  };
  const auto watch = [&gateway](Task told) { return gateway.watch_events(std::move(told)); };
  call.respond(event_stream(call.later, watch, produce));
}

}  // namespace

Routes events_routes(Gateway& gateway) {
  return {{"GET", "/v1/events", kAnyKey, [&gateway](Call call) { stream_events(gateway, call); }}};
}

}  // namespace konekwa::http
