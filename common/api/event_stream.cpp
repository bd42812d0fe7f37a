#include "common/api/event_stream.h"

namespace konekwa::api {

Result<bool> EventStreamParser::feed(std::string_view octets) {
  for (std::size_t end; (end = octets.find('\n')) != std::string_view::npos; octets.remove_prefix(end + 1)) {
    rest_ += octets.substr(0, end);
    if (rest_.ends_with('\r')) rest_.pop_back();
    const bool goes_on = take_line(rest_);
    rest_.clear();
    if (!goes_on) return false;
    if (event_.data.size() > kEventBytesMax) return fail(ErrorCode::PROTOCOL, "an event is too long");
  }
  rest_ += octets;
  if (rest_.size() > kEventBytesMax) return fail(ErrorCode::PROTOCOL, "a line of the stream is too long");
  return true;
}

bool EventStreamParser::take_line(std::string_view line) {
  if (!line.empty()) {
    const std::size_t colon = line.find(':');
    const bool has_value = colon != std::string_view::npos;
    std::string_view value = has_value ? line.substr(colon + 1) : std::string_view();
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (colon != 0) take_field(line.substr(0, colon), value);
    return true;
  }
  if (!has_content_) return true;
  if (event_.data.ends_with('\n')) event_.data.pop_back();
  const bool goes_on = on_event_(event_);
  event_.type.clear();
  event_.data.clear();
  has_content_ = false;
  return goes_on;
}

void EventStreamParser::take_field(std::string_view name, std::string_view value) {
  if (name == "id") {
    event_.id = value;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "data") {
    event_.data.append(value).push_back('\n');
  } else {
    return;   // "retry" and what may come: the caller has waits of its own
  }
  has_content_ = true;
}

}  // namespace konekwa::api
