// Where the events of a session go, and which.
#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/session.h"

namespace konekwa::cli {
namespace {

constexpr const char* kOfStdin = "-";
constexpr std::size_t kHeaderBytesMax = 16'384;

struct WebhookOptions {
  std::string id, message, status;
  std::vector<std::string> events, ignored, headers;
};

// What was given, by its name in the API. A list whose only member is empty clears.
Json change_of(const CLI::App& app, const WebhookOptions& options) {
  Json body = Json::object();
  const auto list = [](const std::vector<std::string>& given) {
    return given == std::vector<std::string>{""} ? Json::array() : Json(given);
  };
  if (app.count("--message") > 0) body["message"] = options.message;
  if (app.count("--status") > 0) body["status"] = options.status;
  if (app.count("--events") > 0) body["events"] = list(options.events);
  if (app.count("--ignore-chats") > 0) body["ignore_chats"] = list(options.ignored);
  if (app.count("--header") == 0) return body;
  body["headers"] = Json::object();
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t value = std::min(header.find_first_not_of(' ', colon + 1), header.size());
    body["headers"][header.substr(0, colon)] = header.substr(value);
  }
  return body;
}

std::string header_problem(const std::string& text) {
  const bool is_one = text.empty() || text == kOfStdin || text.find(':') != std::string::npos;
  return is_one ? "" : "a header is 'Name: value'";
}

// The place of "-" is taken by the lines of stdin, where a secret is not seen by others.
api::Outcome<> read_headers(const Context& context, std::vector<std::string>& headers) {
  const auto place = std::find(headers.begin(), headers.end(), kOfStdin);
  if (place == headers.end()) return {};
  const auto text = text_or_stdin(context, kOfStdin, kHeaderBytesMax);
  if (!text) return api::failed(text.error());
  std::vector<std::string> lines;
  std::istringstream in(*text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find(':') == std::string::npos) return api::failed(ErrorCode::INVALID_REQUEST, header_problem("x"));
    lines.push_back(std::move(line));
  }
  headers.insert(headers.erase(place), lines.begin(), lines.end());
  return {};
}

api::Outcome<> webhooks(Context& context, const CLI::App& app, WebhookOptions options) {
  if (const auto read = read_headers(context, options.headers); !read) return read;
  const Json body = change_of(app, options);
  if (body.empty()) return show_session(context, options.id);
  return answer_session(context, request_by_name(context, kSessions, options.id, {"PATCH", "/webhooks", &body}));
}

Run declare_webhooks(CLI::App& app) {
  auto options = std::make_shared<WebhookOptions>();
  add_id(app, options->id, kSessionArgument);
  app.add_option("--message", options->message, "Where message events go; '' for nowhere")->type_name("URL");
  app.add_option("--status", options->status, "Where session events go; '' for nowhere")->type_name("URL");
  app.add_option("--events", options->events, "Only these, such as message.received,session.*; '' for the usual ones")
      ->delimiter(',')
      ->type_name(kEventsValue);
  app.add_option("--ignore-chats", options->ignored, "No events of these chats, or of groups, status ...; '' for none")
      ->delimiter(',')
      ->type_name(kChatsValue);
  app.add_option("--header", options->headers, "Sent along with each; repeat for more, - reads stdin, '' for none")
      ->type_name("'NAME: VALUE'")
      ->check(header_problem);
  return [options, &app](Context& context) { return webhooks(context, app, *options); };
}

}  // namespace

Commands sessions_webhooks_commands() {
  return {
      {"sessions", "webhooks", "Set where the events of a session go",
       "konekwa sessions webhooks ses_01 --message https://example.com/wa", declare_webhooks},
  };
}

}  // namespace konekwa::cli
