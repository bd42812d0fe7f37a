#include "daemon/http/exchange.h"

#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/json.h"

namespace konekwa::http {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return status < 400 ? "OK" : "Error";
  }
}

// RFC 9110 5.6.7: "Tue, 10 Mar 2026 10:30:00 GMT".
std::string http_date(Time t) {
  using namespace std::chrono;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto whole = floor<seconds>(t);
  const auto day = floor<days>(whole);
  const year_month_day date(day);
  const hh_mm_ss clock(whole - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

// `framing`: the line that says where the body ends.
void write_head(std::string& out, const Response& response, Time now, std::string_view framing) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: {}\r\n{}", response.status,
                 reason(response.status), http_date(now), response.content_type, framing);
  for (const auto& [name, value] : response.headers) {
    // A line break in a value would let its author write headers of his own.
    KONEKWA_ASSERT(value.find_first_of("\r\n") == std::string::npos);
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
  }
}

}  // namespace

Response to_response(Reply reply) {
  Response response;
  response.status = reply.status;
  response.body = std::move(reply.body);
  response.headers = std::move(reply.headers);
  return response;
}

Response to_response(const Error& error) { return to_response(error, http_status(error.code)); }

Response to_response(const Error& error, int status) {
  Response response;
  response.status = status;
  const Json what = {{"code", to_string(error.code)}, {"message", error.message}, {"details", error.details}};
  const Json body = {{"error", what}};
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (status == 429 || status == 503) response.headers.emplace_back("Retry-After", status == 429 ? "1" : "5");
  return response;
}

Response to_response(Result<Reply> result) {
  return result ? to_response(std::move(*result)) : to_response(result.error());
}

std::string serialize(const Response& response, Time now, bool keeps_alive, bool is_head) {
  std::string out = serialize_head(response, now, keeps_alive);
  if (!is_head) out += response.body;
  return out;
}

std::string serialize_head(const Response& response, Time now, bool keeps_alive) {
  std::string out;
  out.reserve(256 + response.body.size());
  const std::uint64_t length = response.length.value_or(response.body.size());
  // RFC 9110 8.6 wants none there, or the one that a 200 would have.
  write_head(out, response, now, response.status == 304 ? "" : fmt::format("Content-Length: {}\r\n", length));
  out += keeps_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return out;
}

std::string serialize_stream_head(const Response& response, Time now, bool is_chunked) {
  std::string out;
  write_head(out, response, now, is_chunked ? "Transfer-Encoding: chunked\r\n" : "");
  out += "Connection: close\r\n\r\n";
  return out;
}

std::string chunk_of(std::string_view piece) {
  return piece.empty() ? "0\r\n\r\n" : fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

}  // namespace konekwa::http
