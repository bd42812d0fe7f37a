#include "cli/command_fields.h"

#include <algorithm>

#include "cli/contract.h"

namespace konekwa::cli {
namespace {

// A command that makes one of two requests has two rows.
struct CommandAnswer {
  std::string_view command;
  std::string_view operation;     // of openapi.yaml; "" when konekwad is not asked
  std::string_view more = "";     // fields that this program makes itself
};

constexpr CommandAnswer kAnswers[] = {
    {"send", "POST /v1/messages"},
    {"qr", "GET /api/v1/qr/{id}"},
    {"pair", "GET /v1/sessions/{id}"},
    {"sessions create", "POST /v1/sessions"},
    {"sessions list", "GET /v1/sessions"},
    {"sessions show", "GET /v1/sessions/{id}"},
    {"sessions rename", "PATCH /v1/sessions/{id}"},
    {"sessions set", "PATCH /v1/sessions/{id}/settings"},
    {"sessions delete", "DELETE /v1/sessions/{id}"},
    {"sessions delete", "DELETE /v1/sessions"},
    {"sessions status", "GET /api/v1/sessions/{id}/status"},
    {"sessions connect", "POST /v1/sessions/{id}/connect"},
    {"sessions disconnect", "POST /v1/sessions/{id}/disconnect"},
    {"sessions restart-qr", "POST /v1/sessions/{id}/restart-qr"},
    {"sessions reset", "POST /v1/sessions/{id}/reset"},
    {"sessions webhooks", "PATCH /v1/sessions/{id}/webhooks"},
    {"messages list", "GET /v1/messages"},
    {"messages show", "GET /v1/messages/{id}"},
    {"messages wait", "GET /v1/messages/{id}"},
    {"messages cancel", "DELETE /v1/messages/{id}"},
    {"messages react", "POST /v1/messages/{id}/react"},
    {"messages edit", "PATCH /v1/messages/{id}"},
    {"messages delete", "DELETE /v1/messages/{id}"},
    {"media upload", "POST /v1/media"},
    {"media show", "GET /v1/media/{id}"},
    {"media delete", "DELETE /v1/media/{id}"},
    {"groups list", "GET /v1/groups"},
    {"groups show", "GET /v1/groups/{id}"},
    {"templates create", "POST /v1/templates"},
    {"templates list", "GET /v1/templates"},
    {"templates show", "GET /v1/templates/{id}"},
    {"templates update", "PUT /v1/templates/{id}"},
    {"templates delete", "DELETE /v1/templates/{id}"},
    {"webhooks failed", "GET /v1/webhooks/failed"},
    {"webhooks deliveries", "GET /v1/webhooks/deliveries"},
    {"webhooks replay", "POST /v1/webhooks/replay/{id}"},
    {"webhooks replay", "POST /v1/webhooks/replay"},
    {"webhooks test", "POST /v1/sessions/{id}/webhooks/test"},
    {"webhooks secret", "GET /v1/sessions/{id}/webhooks/secret"},
    {"webhooks secret", "POST /v1/sessions/{id}/webhooks/secret"},
    {"events", "events", "position"},
    {"tokens create", "POST /v1/tokens"},
    {"tokens list", "GET /v1/tokens"},
    {"tokens show", "GET /v1/tokens/{id}"},
    {"tokens me", "GET /v1/me"},
    {"tokens rotate", "POST /v1/tokens/{id}/rotate"},
    {"tokens revoke", "DELETE /v1/tokens/{id}"},
    {"tenants create", "POST /v1/tenants"},
    {"tenants list", "GET /v1/tenants"},
    {"tenants show", "GET /v1/tenants/{id}"},
    {"tenants update", "PATCH /v1/tenants/{id}"},
    {"tenants delete", "DELETE /v1/tenants/{id}"},
    {"health", "GET /health"},
    {"health", "GET /ready"},
    {"doctor", "", "check,result,details"},
    {"backup", "", "file,bytes"},
    {"config get", "", "key,value,origin"},
    {"config list", "", "key,value,origin"},
    {"config path", "", "path"},
    {"config profiles", "", "id,used,url,origin"},
};

void append(std::vector<std::string_view>& out, std::string_view list) {
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(name.size() + 1, list.size()));
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
}

}  // namespace

std::vector<std::string_view> fields_of_command(std::string_view command) {
  std::vector<std::string_view> out;
  for (const CommandAnswer& row : kAnswers) {
    if (row.command != command) continue;
    for (const Answer& answer : contract_answers()) {
      if (answer.operation == row.operation) append(out, answer.fields);
    }
    append(out, row.more);
  }
  return out;
}

}  // namespace konekwa::cli
