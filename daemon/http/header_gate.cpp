#include "daemon/http/header_gate.h"

#include <algorithm>
#include <charconv>

namespace konekwa::http {
namespace {

tl::unexpected<Refusal> refuse(int status, ErrorCode code, std::string details) {
  return tl::make_unexpected(Refusal{status, code, std::move(details)});
}
tl::unexpected<Refusal> bad(std::string details) { return refuse(400, ErrorCode::INVALID_REQUEST, std::move(details)); }

constexpr bool is_token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
constexpr bool is_value_char(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }
constexpr bool is_target_char(char c) { return c > 0x20 && c < 0x7f && c != '#'; }
constexpr bool is_host_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view(".:-_[]~%").find(c) != std::string_view::npos;
}

// What says who asks, for whom, and for what. Host and what frames the body are checked where they are read.
constexpr std::string_view kOnceOnly[] = {"x-api-key", "authorization", "x-konekwa-tenant", "idempotency-key",
                                          "content-type"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Every line of a header ends in CR LF, which find_header_end has seen to.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

Gated<void> read_request_line(std::string_view line, Header& header) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return bad("the request line is not 'METHOD TARGET HTTP/1.1'");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (method.empty() || method.size() > 16 || !std::all_of(method.begin(), method.end(), is_token_char)) {
    return bad("the method is not a token");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.substr(0, 5) == "HTTP/") return refuse(505, ErrorCode::INVALID_REQUEST, "only HTTP/1.1 and HTTP/1.0");
    return bad("the request line is not 'METHOD TARGET HTTP/1.1'");
  }
  if (target.size() > kTargetBytesMax) return refuse(414, ErrorCode::INVALID_REQUEST, "the target is too long");
  if (target.empty() || target.front() != '/') return bad("the target does not begin with '/'");
  if (!std::all_of(target.begin(), target.end(), is_target_char)) return bad("the target holds a forbidden character");
  header.method = method;
  header.target = target;
  header.is_http_1_1 = version == "HTTP/1.1";
  return {};
}

Gated<void> read_field(std::string_view line, Header& header) {
  if (line.front() == ' ' || line.front() == '\t') return bad("a header line is folded");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bad("a header line has no colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_char)) return bad("a header name is not a token");
  if (!std::all_of(value.begin(), value.end(), is_value_char)) return bad("a header value holds a control character");
  header.fields.emplace_back(lower(name), std::string(value));
  return {};
}

// The only value of a field; nothing when it is absent.
Gated<std::optional<std::string_view>> single(const Header& header, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [field, value] : header.fields) {
    if (field != name) continue;
    if (found) return bad("the header " + std::string(name) + " is there twice");
    found = value;
  }
  return found;
}

// Of two values a proxy in front may go by the one, we by the other.
Gated<void> check_once_only(const Header& header) {
  for (const std::string_view name : kOnceOnly) {
    if (const auto value = single(header, name); !value) return tl::make_unexpected(value.error());
  }
  return {};
}

Gated<void> read_length(Header& header) {
  const auto length = single(header, "content-length");
  if (!length) return tl::make_unexpected(length.error());
  const auto encoding = single(header, "transfer-encoding");
  if (!encoding) return tl::make_unexpected(encoding.error());
  if (*encoding) {
    if (*length) return bad("both Content-Length and Transfer-Encoding");
    if (!header.is_http_1_1) return bad("Transfer-Encoding in HTTP/1.0");
    if (lower(**encoding) != "chunked") return bad("Transfer-Encoding is not 'chunked'");
    header.is_chunked = true;
  }
  if (!*length) return {};
  const std::string_view text = **length;
  const bool is_digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || text.size() > 18 || !is_digits) return bad("Content-Length is not a number");
  std::from_chars(text.data(), text.data() + text.size(), header.content_length);
  return {};
}

Gated<void> check_host(const Header& header, bool is_unix_socket) {
  const auto host = single(header, "host");
  if (!host) return tl::make_unexpected(host.error());
  // Clients of a Unix socket leave it out, or put the path of the socket there.
  if (is_unix_socket) return {};
  if (!*host) {
    if (header.is_http_1_1) return bad("the header Host is missing");
    return {};
  }
  if (!std::all_of((*host)->begin(), (*host)->end(), is_host_char)) return bad("the header Host is not a host name");
  return {};
}

bool lists(std::string_view value, std::string_view lower_case_word) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    if (lower(trim(value.substr(0, comma))) == lower_case_word) return true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return false;
}

Gated<void> read_wishes(Header& header) {
  header.keeps_alive = header.is_http_1_1;
  for (const auto& [name, value] : header.fields) {
    if (name == "connection") {
      if (lists(value, "close")) header.keeps_alive = false;
      else if (!header.is_http_1_1 && lists(value, "keep-alive")) header.keeps_alive = true;
    } else if (name == "expect") {
      if (lower(value) != "100-continue") {
        return refuse(417, ErrorCode::INVALID_REQUEST, "Expect knows only 100-continue");
      }
      header.expects_continue = header.is_http_1_1;
    } else if (name == "content-encoding" && lower(value) != "identity") {
      return refuse(415, ErrorCode::UNSUPPORTED_MEDIA_TYPE, "the body may not be compressed");
    }
  }
  return {};
}

}  // namespace

const std::string* Header::find(std::string_view lower_case_name) const {
  for (const auto& [name, value] : fields) {
    if (name == lower_case_name) return &value;
  }
  return nullptr;
}

Gated<std::size_t> find_header_end(std::string_view text, std::size_t from) {
  const std::size_t stop = std::min(text.size(), kHeaderBytesMax);
  // Three octets back, because an end may have begun in the octets of the call before.
  for (std::size_t i = from < 3 ? 0 : from - 3; i < stop; ++i) {
    const char c = text[i];
    if (c == '\n') {
      if (i == 0 || text[i - 1] != '\r') return bad("a line does not end in CR LF");
      if (i >= 3 && text[i - 2] == '\n') return i + 1;
      if (i == 1) return bad("the request line is empty");
      continue;
    }
    if (i > 0 && text[i - 1] == '\r') return bad("a carriage return within a line");
    if (c != '\r' && !is_value_char(c)) return bad("a control character in the header");
  }
  if (text.size() >= kHeaderBytesMax) {
    return refuse(431, ErrorCode::INVALID_REQUEST, "the header is larger than 16 KiB");
  }
  return std::size_t{0};
}

Gated<Header> read_header(std::string_view text, bool is_unix_socket) {
  Header header;
  if (const auto line = read_request_line(take_line(text), header); !line) return tl::make_unexpected(line.error());
  for (std::string_view line = take_line(text); !line.empty(); line = take_line(text)) {
    if (header.fields.size() == kHeaderFieldsMax) {
      return refuse(431, ErrorCode::INVALID_REQUEST, "more than 100 header fields");
    }
    if (const auto field = read_field(line, header); !field) return tl::make_unexpected(field.error());
  }
  if (const auto once = check_once_only(header); !once) return tl::make_unexpected(once.error());
  if (const auto length = read_length(header); !length) return tl::make_unexpected(length.error());
  if (const auto host = check_host(header, is_unix_socket); !host) return tl::make_unexpected(host.error());
  if (const auto wishes = read_wishes(header); !wishes) return tl::make_unexpected(wishes.error());
  return header;
}

}  // namespace konekwa::http
