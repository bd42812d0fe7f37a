#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

struct FailedOptions {
  std::string session, event, state, since;
};

api::Outcome<> failed(Context& context, const FailedOptions& options) {
  const auto response = context.client.get(api::with_query("/v1/webhooks/failed", {{"session_id", options.session},
                                                                                   {"event_type", options.event},
                                                                                   {"state", options.state},
                                                                                   {"since", options.since}}));
  if (!response) return api::failed(response.error());
  Table table({"ID", "EVENT", "STATE", "ATTEMPTS", "LAST ATTEMPT", "SESSION", "ERROR"});
  std::vector<std::string> ids;
  for (const Json& each : child(response->body, "webhooks")) {
    ids.push_back(field(each, "id"));
    table.add({field(each, "id"), field(each, "event_type"), field(each, "state"), field(each, "attempts"),
               field(each, "last_attempt_at"), field(each, "session_id"), field(each, "error")});
  }
  context.output.answer(*response, ids, table.text(context.columns()));
  const std::string total = field(response->body, "total_count");
  if (!total.empty() && total != std::to_string(ids.size())) {
    context.output.note(fmt::format("these are the newest of {}", total));
  }
  return {};
}

struct ReplayOptions {
  std::string id;
  bool to_original_url = false;
};

api::Outcome<> replay(Context& context, const ReplayOptions& options) {
  const std::string target = "/v1/webhooks/replay/" + api::encode_segment(options.id);
  return answer_done(context,
                     options.to_original_url ? context.client.post(target, Json{{"url", "original"}})
                                             : context.client.request("POST", target),
                     options.id);
}

Run declare_failed(CLI::App& app) {
  auto options = std::make_shared<FailedOptions>();
  app.add_option("--session", options->session, "Of this session only")->type_name(kSessionValue);
  app.add_option("--event", options->event, "Of this type only, such as message.received")->type_name("TYPE");
  app.add_option("--state", options->state, "Those still repeated, or those given up")->type_name("retrying|dead");
  app.add_option("--since", options->since, "From this day or time on (ISO 8601)")->type_name("DATE");
  return [options](Context& context) { return failed(context, *options); };
}

Run declare_replay(CLI::App& app) {
  auto options = std::make_shared<ReplayOptions>();
  add_id(app, options->id, {"id", "Id of the delivery, from webhooks failed", kWebhookValue});
  app.add_flag("--original-url", options->to_original_url, "To where it went, not where the session's events go");
  return [options](Context& context) { return replay(context, *options); };
}

}  // namespace

Commands webhooks_commands() {
  return {
      {"webhooks", "failed", "List the deliveries that failed", "konekwa webhooks failed --state dead",
       declare_failed},
      {"webhooks", "replay", "Deliver one again, now", "konekwa webhooks replay wh_01j9z3m8t4", declare_replay},
  };
}

}  // namespace konekwa::cli
