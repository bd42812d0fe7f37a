// Server-sent events (text/event-stream of the HTML standard) as a body: what a function produces, whenever there may
// be something new.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/http/exchange.h"

namespace konekwa::http {

// "id: 7\nevent: qr\ndata: {...}\n\n". `data` has no line breaks; `id` may be empty.
std::string sse_event(std::string_view id, std::string_view event, std::string_view data);

struct Produced {
  std::string text;        // "": nothing for now
  bool is_over = false;    // the stream ends after `text`
  bool is_more = false;    // ask again at once
};
using Produce = std::function<Produced()>;                               // one call at a time; HTTP threads
using WatchEvents = std::function<std::shared_ptr<void>(Task told)>;     // Gateway::watch_events

// A response that streams what `produce` makes: asked at first, whenever the watch tells, and at each keep-alive.
Response event_stream(const Later& later, const WatchEvents& watch, Produce produce);

inline constexpr Duration kKeepAliveInterval = seconds(15);

}  // namespace konekwa::http
