#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

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

}  // namespace

Commands health_commands() {
  return {{"", "health", "Ask whether konekwad works", "konekwa health",
           [](CLI::App&) -> Run { return health; }}};
}

}  // namespace konekwa::cli
