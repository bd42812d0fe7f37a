#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr int kOk = 200;

api::Outcome<> health(Context& context) {
  auto response = context.client.get("/health");
  if (!response) return api::failed(response.error());
  const Json& body = response->body;
  const Json sessions = child(body, "sessions");
  context.output.answer(*response, {field(body, "status")},
                        field_list({{"status", field(body, "status")},
                                    {"version", field(body, "version")},
                                    {"uptime (s)", field(body, "uptime_s")},
                                    {"database", field(body, "database")},
                                    {"sessions", field(sessions, "total")},
                                    {"connected", field(sessions, "connected")}}));
  return {};
}

// "database: ok" for each check of the answer.
std::vector<std::pair<std::string, std::string>> checks_of(const Json& body) {
  std::vector<std::pair<std::string, std::string>> out;
  const Json& checks = child(body, "checks");
  if (!checks.is_object()) return out;
  for (const auto& [name, value] : checks.items()) out.emplace_back(printable(name), field(checks, name.c_str()));
  return out;
}

// "Not ready" is an answer like the other one, and a failure for a script.
api::Outcome<> ready(Context& context) {
  const auto response = context.client.probe("/ready");
  if (!response) return api::failed(response.error());
  const std::string status = field(response->body, "status");
  if (status.empty()) return api::failed(api::failure_from(response->status, response->raw));
  auto fields = checks_of(response->body);
  fields.insert(fields.begin(), {"status", status});
  context.output.answer(*response, {status}, field_list(fields));
  if (response->status == kOk) return {};
  return api::failed(ErrorCode::INTERNAL_ERROR, "konekwad is not ready");
}

// For a collector that runs commands instead of fetching pages.
api::Outcome<> metrics(Context& context) {
  const auto response = context.client.get("/metrics");
  if (!response) return api::failed(response.error());
  context.output.raw(response->raw);
  return {};
}

Run declare(CLI::App& app) {
  auto asks_ready = std::make_shared<bool>(false);
  auto asks_metrics = std::make_shared<bool>(false);
  app.add_flag("--ready", *asks_ready, "Ask whether it can take requests already; exit code 1 if not");
  app.add_flag("--metrics", *asks_metrics, "Print its counters in the text form of Prometheus");
  return [asks_ready, asks_metrics](Context& context) {
    if (*asks_metrics) return metrics(context);
    return *asks_ready ? ready(context) : health(context);
  };
}

}  // namespace

Commands health_commands() {
  return {{"", "health", "Ask whether konekwad works", "konekwa health", declare}};
}

}  // namespace konekwa::cli
