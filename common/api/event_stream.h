// The wire form of text/event-stream, taken apart: octets in, events out. Pure.
//
//     id: 18231
//     event: message.received
//     data: {"id":"evt_01","event_type":"message.received", ...}
//     (an empty line ends the event; a line that begins with ":" is a comment)
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/error.h"

namespace konekwa::api {

struct ServerEvent {
  std::string id;      // the last one named so far, which also counts for events that name none
  std::string type;
  std::string data;    // its lines, joined by line ends; "" when only an id was told
};

class EventStreamParser {
 public:
  static constexpr std::size_t kEventBytesMax = 1024 * 1024;

  // False from `on_event` stops: nothing that follows is looked at.
  using OnEvent = std::function<bool(const ServerEvent&)>;
  explicit EventStreamParser(OnEvent on_event) : on_event_(std::move(on_event)) {}

  // Whether to go on. PROTOCOL for an event above the limit.
  Result<bool> feed(std::string_view octets);

 private:
  bool take_line(std::string_view line);
  void take_field(std::string_view name, std::string_view value);

  OnEvent on_event_;
  std::string rest_;        // an unfinished line
  ServerEvent event_;       // an unfinished event
  bool has_content_ = false;
};

}  // namespace konekwa::api
