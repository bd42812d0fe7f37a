#include "daemon/http/multipart.h"

#include "daemon/http/disposition.h"

#include <algorithm>

namespace konekwa::http {
namespace {

constexpr std::size_t kBoundaryMax = 70;
constexpr std::string_view kLineEnd = "\r\n", kHeadersEnd = "\r\n\r\n", kClose = "--";

auto refuse(const char* why) { return fail(ErrorCode::INVALID_REQUEST, std::string("the form ") + why); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  const std::size_t end = text.find_last_not_of(" \t");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

Result<Multipart::Part> part_of(std::string_view headers) {
  Multipart::Part part;
  bool has_name = false;
  while (!headers.empty()) {
    const std::size_t end = std::min(headers.find(kLineEnd), headers.size());
    const std::string_view line = headers.substr(0, end);
    headers.remove_prefix(std::min(end + kLineEnd.size(), headers.size()));
    const std::size_t colon = line.find(':');
    const bool has_control = line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
    if (colon == std::string_view::npos || has_control) {
      return refuse("has a part with a header that is none");
    }
    const std::string name = lower(trim(line.substr(0, colon)));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "content-type") part.content_type = std::string(value);
    if (name != "content-disposition") continue;
    if (has_name || !lower(value).starts_with("form-data")) return refuse("has a part that is no field");
    part.name = parameter_of(value, "name");
    part.filename = filename_of(value);
    has_name = true;
  }
  if (!has_name) return refuse("has a part without a name");
  return part;
}

}  // namespace

Result<std::string> boundary_of(std::string_view content_type) {
  std::string boundary = parameter_of(content_type, "boundary");
  const auto is_allowed = [](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_letter || std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  };
  const bool is_good = !boundary.empty() && boundary.size() <= kBoundaryMax && boundary.back() != ' ' &&
                       std::all_of(boundary.begin(), boundary.end(), is_allowed);
  if (!is_good) return refuse("has no boundary in its Content-Type");
  return boundary;
}

Result<std::vector<Multipart::Event>> Multipart::take(std::string_view piece) {
  std::vector<Event> events;
  if (state_ == State::Closed) return events;   // what follows the form is nobody's business
  held_.append(piece);
  while (true) {
    const auto goes_on = step(events);
    if (!goes_on) return fail(goes_on.error());
    if (!*goes_on) return events;
  }
}

Result<bool> Multipart::step(std::vector<Event>& events) {
  switch (state_) {
    case State::Start: return read_start();
    case State::Delimiter: return read_delimiter();
    case State::Headers: return read_headers(events);
    case State::Content: return read_content(events);
    case State::Closed: break;
  }
  held_.clear();
  return false;
}

Result<bool> Multipart::read_start() {
  const std::string_view first = std::string_view(delimiter_).substr(kLineEnd.size());
  if (held_.size() < first.size()) {
    if (!first.starts_with(held_)) return refuse("does not begin with its boundary");
    return false;
  }
  if (!held_.starts_with(first)) return refuse("does not begin with its boundary");
  held_.erase(0, first.size());
  state_ = State::Delimiter;
  return true;
}

// What stands behind a delimiter: the end of its line, or that of the form.
Result<bool> Multipart::read_delimiter() {
  if (held_.size() < kLineEnd.size()) return false;
  if (held_.starts_with(kClose)) {
    state_ = State::Closed;
    return true;
  }
  if (!held_.starts_with(kLineEnd)) return refuse("has octets behind a boundary");
  if (++parts_ > kFormPartsMax) return refuse("has too many parts");
  state_ = State::Headers;   // the line end stays: with a second one it ends headers, also where there are none
  return true;
}

Result<bool> Multipart::read_headers(std::vector<Event>& events) {
  const std::size_t end = held_.find(kHeadersEnd);
  if (std::min(end, held_.size()) > kFormHeadersMax) return refuse("has a part with long headers");
  if (end == std::string::npos) return false;
  const std::string_view lines = std::string_view(held_).substr(0, end);
  auto part = part_of(lines.size() > kLineEnd.size() ? lines.substr(kLineEnd.size()) : std::string_view());
  if (!part) return fail(part.error());
  events.push_back({true, std::move(*part), {}});
  held_.erase(0, end + kHeadersEnd.size());
  state_ = State::Content;
  return true;
}

bool Multipart::read_content(std::vector<Event>& events) {
  const std::size_t found = held_.find(delimiter_);
  const bool is_over = found != std::string::npos;
  // The last octets may be the beginning of a delimiter.
  const std::size_t size = is_over ? found : held_.size() - std::min(held_.size(), delimiter_.size() - 1);
  if (size > 0) events.push_back({false, {}, held_.substr(0, size)});
  held_.erase(0, is_over ? found + delimiter_.size() : size);
  if (is_over) state_ = State::Delimiter;
  return is_over;
}

}  // namespace konekwa::http
