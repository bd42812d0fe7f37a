#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/print.h"
#include "cli/qr_live.h"

namespace konekwa::cli {
namespace {

std::string target_of(const std::string& id, std::string_view action = {}) {
  return fmt::format("/v1/sessions/{}{}", api::encode_segment(id), action);
}

std::string session_text(const Json& session) {
  const Json webhooks = child(session, "webhooks");
  return field_list({{"id", field(session, "id")},
                     {"name", field(session, "name")},
                     {"status", field(session, "status")},
                     {"reason", field(session, "status_reason")},
                     {"phone", field(session, "phone_number")},
                     {"push name", field(session, "push_name")},
                     {"webhook for messages", field(webhooks, "message")},
                     {"webhook for status", field(webhooks, "status")},
                     {"created", field(session, "created_at")},
                     {"connected", field(session, "connected_at")},
                     {"disconnected", field(session, "disconnected_at")}});
}

struct CreateOptions {
  std::string name, id, webhook_message, webhook_status;
  bool with_qr = false;
};

api::Outcome<> create(Context& context, const CreateOptions& options) {
  Json body{{"name", options.name}};
  if (!options.id.empty()) body["id"] = options.id;
  if (!options.webhook_message.empty()) body["webhooks"]["message"] = options.webhook_message;
  if (!options.webhook_status.empty()) body["webhooks"]["status"] = options.webhook_status;
  auto response = context.client.post("/v1/sessions", body);
  if (!response) return api::failed(response.error());
  const std::string id = field(response->body, "id");
  context.output.answer(*response, {id}, session_text(response->body));
  if (!options.with_qr) {
    context.output.note("link a phone with: konekwa qr " + id);
    return {};
  }
  QrRequest request;
  request.session = id;
  return show_qr(context, request);
}

api::Outcome<> list(Context& context) {
  auto response = context.client.get("/v1/sessions");
  if (!response) return api::failed(response.error());
  Table table({"ID", "STATUS", "PHONE", "CREATED", "NAME"});
  std::vector<std::string> ids;
  for (const Json& session : child(response->body, "sessions")) {
    ids.push_back(field(session, "id"));
    table.add({field(session, "id"), field(session, "status"), field(session, "phone_number"),
               field(session, "created_at"), field(session, "name")});
  }
  context.output.answer(*response, ids, table.text(context.terminal().is_tty ? context.terminal().columns : 0));
  return {};
}

api::Outcome<> show(Context& context, const std::string& id) {
  auto response = context.client.get(target_of(id));
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, session_text(response->body));
  return {};
}

// connect, disconnect, delete: one request, and the message of the answer.
api::Outcome<> act(Context& context, const std::string& id, const char* method, std::string_view action) {
  auto response = context.client.request(method, target_of(id, action));
  if (!response) return api::failed(response.error());
  const std::string message = field(response->body, "message");
  const std::string status = field(response->body, "status");
  const std::string said = message.empty() ? printable(id) : message;
  context.output.answer(*response, {id}, fmt::format("{}{}{}\n", said, status.empty() ? "" : ": ", status));
  return {};
}

struct WebhookOptions {
  std::string id, message, status;
  bool sets_message = false, sets_status = false;
};

api::Outcome<> webhooks(Context& context, const WebhookOptions& options) {
  if (!options.sets_message && !options.sets_status) return show(context, options.id);
  Json body = Json::object();
  if (options.sets_message) body["message"] = options.message;
  if (options.sets_status) body["status"] = options.status;
  auto response = context.client.request("PATCH", target_of(options.id, "/webhooks"), body.dump());
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, session_text(response->body));
  return {};
}

api::Outcome<> secret(Context& context, const std::string& id) {
  auto response = context.client.get(target_of(id, "/webhooks/secret"));
  if (!response) return api::failed(response.error());
  const std::string text = field(response->body, "secret");
  context.output.answer(*response, {text}, text + "\n");
  return {};
}

Run declare_create(CLI::App& app) {
  auto options = std::make_shared<CreateOptions>();
  app.add_option("--name", options->name, "A label for people")->required()->type_name("NAME");
  app.add_option("--id", options->id, "Choose the id yourself: letters, digits, - and _")->type_name("ID");
  app.add_option("--webhook-message", options->webhook_message, "Where message events go")->type_name("URL");
  app.add_option("--webhook-status", options->webhook_status, "Where session events go")->type_name("URL");
  app.add_flag("--qr", options->with_qr, "Show the QR code at once");
  return [options](Context& context) { return create(context, *options); };
}

// For the commands that take an id and nothing else.
template <class Action>
std::function<Run(CLI::App&)> with_id(Action action) {
  return [action](CLI::App& app) -> Run {
    auto id = std::make_shared<std::string>();
    app.add_option("session", *id, "Id of the session")->required()->type_name(kSessionValue);
    return [id, action](Context& context) { return action(context, *id); };
  };
}

Run declare_webhooks(CLI::App& app) {
  auto options = std::make_shared<WebhookOptions>();
  app.add_option("session", options->id, "Id of the session")->required()->type_name(kSessionValue);
  const CLI::Option* message =
      app.add_option("--message", options->message, "Where message events go; '' for nowhere")->type_name("URL");
  const CLI::Option* status =
      app.add_option("--status", options->status, "Where session events go; '' for nowhere")->type_name("URL");
  return [options, message, status](Context& context) {
    options->sets_message = message->count() > 0;
    options->sets_status = status->count() > 0;
    return webhooks(context, *options);
  };
}

api::Outcome<> connect(Context& context, const std::string& id) { return act(context, id, "POST", "/connect"); }
api::Outcome<> disconnect(Context& context, const std::string& id) { return act(context, id, "POST", "/disconnect"); }
api::Outcome<> erase(Context& context, const std::string& id) { return act(context, id, "DELETE", ""); }

}  // namespace

Commands sessions_commands() {
  return {
      {"sessions", "create", "Make a session, to be linked to a phone",
       "konekwa sessions create --name 'CS WhatsApp' --qr", declare_create},
      {"sessions", "list", "List the sessions", "konekwa sessions list", [](CLI::App&) -> Run { return list; }},
      {"sessions", "show", "Show one session", "konekwa sessions show ses_01", with_id(show)},
      {"sessions", "connect", "Bring a session online, or ask for new QR codes", "konekwa sessions connect ses_01",
       with_id(connect)},
      {"sessions", "disconnect", "Take a session offline, still linked", "konekwa sessions disconnect ses_01",
       with_id(disconnect)},
      {"sessions", "webhooks", "Set where the events of a session go",
       "konekwa sessions webhooks ses_01 --message https://example.com/wa", declare_webhooks},
      {"sessions", "secret", "Print the secret that signs its webhooks", "konekwa sessions secret ses_01",
       with_id(secret)},
      {"sessions", "delete", "Unlink a session and erase its data", "konekwa sessions delete ses_01", with_id(erase)},
  };
}

}  // namespace konekwa::cli
