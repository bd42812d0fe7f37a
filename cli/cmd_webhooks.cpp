#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/session.h"

namespace konekwa::cli {
namespace {

// Which deliveries: for the lists, and for a replay of many.
struct Selection {
  std::string session, event, state, since, until;

  bool is_empty() const { return (session + event + state + since + until).empty(); }
};

void add_selection(CLI::App& app, Selection& selection, const char* states) {
  app.add_option("--session", selection.session, "Of this session only")->type_name(kSessionValue);
  app.add_option("--event", selection.event, "Of this type only, such as message.received")->type_name(kEventValue);
  app.add_option("--state", selection.state, "In this state only")->type_name(states);
  app.add_option("--since", selection.since, "Made at this day or time or later (ISO 8601)")->type_name("DATE");
  app.add_option("--until", selection.until, "Made before this day or time")->type_name("DATE");
}

api::Outcome<Selection> with_id_of_session(Context& context, Selection selection) {
  if (selection.session.empty()) return selection;
  const auto id = id_of(context, kSessions, selection.session);
  if (!id) return api::failed(id.error());
  selection.session = *id;
  return selection;
}

api::Query query_of(const Selection& selection) {
  return {{"session_id", selection.session}, {"event_type", selection.event}, {"state", selection.state},
          {"since", selection.since}, {"until", selection.until}};
}

api::Outcome<> failed(Context& context, const Selection& wanted) {
  const auto selection = with_id_of_session(context, wanted);
  if (!selection) return api::failed(selection.error());
  const auto response = context.client.get(api::with_query("/v1/webhooks/failed", query_of(*selection)));
  const auto done = answer_list(context, response,
                                {{"ID", "id"}, {"EVENT", "event_type"}, {"STATE", "state"}, {"ATTEMPTS", "attempts"},
                                 {"LAST ATTEMPT", "last_attempt_at"}, {"SESSION", "session_id"}, {"ERROR", "error"}});
  if (!done) return done;
  const std::string total = field(response->body, "total_count");
  const std::size_t shown = child(response->body, "webhooks").size();
  if (!total.empty() && total != std::to_string(shown)) {
    context.output.note(fmt::format("these are the newest of {}", total));
  }
  return {};
}

struct LogOptions {
  Selection selection;
  std::uint32_t page_size = 20;
  std::string page_token;
};

api::Outcome<> deliveries(Context& context, const LogOptions& options) {
  const auto selection = with_id_of_session(context, options.selection);
  if (!selection) return api::failed(selection.error());
  api::Query query = query_of(*selection);
  query.emplace_back("page_size", std::to_string(options.page_size));
  query.emplace_back("page_token", options.page_token);
  const auto response = context.client.get(api::with_query("/v1/webhooks/deliveries", query));
  const auto done = answer_list(context, response,
                                {{"ID", "id"}, {"EVENT", "event_type"}, {"STATE", "state"}, {"ATTEMPTS", "attempts"},
                                 {"HTTP", "http_status"}, {"MS", "latency_ms"}, {"MADE", "created_at"},
                                 {"SESSION", "session_id"}, {"ERROR", "error"}});
  if (!done) return done;
  if (const std::string next = field(response->body, "next_page_token"); !next.empty()) {
    context.output.note("more with --page-token " + next);
  }
  return {};
}

struct ReplayOptions {
  std::string id;
  Selection selection;
  bool is_all = false, to_original_url = false;
};

api::Outcome<> replay_one(Context& context, const ReplayOptions& options) {
  const std::string target = "/v1/webhooks/replay/" + api::encode_segment(options.id);
  return answer_done(context,
                     options.to_original_url ? context.client.post(target, Json{{"url", "original"}})
                                             : context.client.request("POST", target),
                     options.id);
}

// The daemon takes some thousands at once; asking again until there are no more replays all.
api::Outcome<> replay_many(Context& context, const ReplayOptions& options) {
  const auto selection = with_id_of_session(context, options.selection);
  if (!selection) return api::failed(selection.error());
  Json body = Json::object();
  for (const auto& [name, value] : query_of(*selection)) {
    if (!value.empty()) body[name] = value;
  }
  if (options.is_all) body["all"] = true;
  if (options.to_original_url) body["url"] = "original";
  for (;;) {
    const auto response = context.client.post("/v1/webhooks/replay", body);
    if (!response) return api::failed(response.error());
    const std::string count = field(response->body, "replayed_count");
    context.output.answer(*response, {count}, fmt::format("{} are delivered again\n", count));
    if (field(response->body, "is_complete") != "false") return {};
  }
}

api::Outcome<> replay(Context& context, const ReplayOptions& options) {
  const bool is_many = options.is_all || !options.selection.is_empty();
  if (is_many && !options.id.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST, "an id and a selection exclude each other");
  }
  if (!is_many && options.id.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST, "nothing says which deliveries",
                       "konekwa webhooks replay WEBHOOK, or --session, --event, --state, --since, --until or --all");
  }
  return is_many ? replay_many(context, options) : replay_one(context, options);
}

api::Outcome<> test(Context& context, const std::string& session) {
  std::string id = session;
  const auto response = request_by_name(context, kSessions, id, {"POST", "/webhooks/test"});
  const auto done = answer_list(context, response,
                                {{"TARGET", "target"}, {"DELIVERED", "delivered"}, {"HTTP", "http_status"},
                                 {"URL", "url"}, {"ERROR", "error"}});
  if (!done) return done;
  for (const Json& result : child(response->body, "results")) {
    if (field(result, "delivered") == "true") continue;
    return api::failed(ErrorCode::NETWORK, fmt::format("the {} URL did not take the test: {}", field(result, "target"),
                                                       field(result, "error")));
  }
  return {};
}

struct SecretOptions {
  std::string id;
  bool is_rotated = false;
};

api::Outcome<> secret(Context& context, const SecretOptions& options) {
  std::string id = options.id;
  const char* method = options.is_rotated ? "POST" : "GET";
  const auto response = request_by_name(context, kSessions, id, {method, "/webhooks/secret"});
  if (!response) return api::failed(response.error());
  const std::string text = field(response->body, "secret");
  context.output.answer(*response, {text}, text + "\n");
  if (options.is_rotated) context.output.note("the secret before signs too for another 24 hours");
  return {};
}

Run declare_failed(CLI::App& app) {
  auto selection = std::make_shared<Selection>();
  add_selection(app, *selection, "retrying|dead");
  return [selection](Context& context) { return failed(context, *selection); };
}

Run declare_deliveries(CLI::App& app) {
  auto options = std::make_shared<LogOptions>();
  add_selection(app, options->selection, "queued|retrying|delivered|dead");
  app.add_option("--page-size", options->page_size, "How many, at most 100")->type_name("NUMBER");
  app.add_option("--page-token", options->page_token, "Go on behind the page that named it")->type_name("PAGE");
  return [options](Context& context) { return deliveries(context, *options); };
}

Run declare_replay(CLI::App& app) {
  auto options = std::make_shared<ReplayOptions>();
  app.add_option("id", options->id, "Id of the delivery, from webhooks failed")->type_name(kWebhookValue);
  add_selection(app, options->selection, "retrying|dead");
  app.add_flag("--all", options->is_all, "All that failed");
  app.add_flag("--original-url", options->to_original_url, "To where it went, not where the session's events go");
  return [options](Context& context) { return replay(context, *options); };
}

Run declare_secret(CLI::App& app) {
  auto options = std::make_shared<SecretOptions>();
  add_id(app, options->id, kSessionArgument);
  app.add_flag("--rotate", options->is_rotated, "Make another one first");
  return [options](Context& context) { return secret(context, *options); };
}

}  // namespace

Commands webhooks_commands() {
  return {
      {"webhooks", "failed", "List the deliveries that failed", "konekwa webhooks failed --state dead",
       declare_failed},
      {"webhooks", "deliveries", "Show the log of deliveries", "konekwa webhooks deliveries --session ses_01",
       declare_deliveries},
      {"webhooks", "replay", "Deliver one again, or many", "konekwa webhooks replay wh_01j9z3m8t4", declare_replay},
      {"webhooks", "test", "Try the webhooks of a session", "konekwa webhooks test ses_01",
       with_id(kSessionArgument, test)},
      {"webhooks", "secret", "Print the secret that signs the webhooks of a session", "konekwa webhooks secret ses_01",
       declare_secret},
  };
}

}  // namespace konekwa::cli
