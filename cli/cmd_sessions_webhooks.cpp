// The commands about where the events of a session go, and how they are signed.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/session.h"

namespace konekwa::cli {
namespace {

struct WebhookOptions {
  std::string id, message, status;
  bool sets_message = false, sets_status = false;
};

api::Outcome<> webhooks(Context& context, const WebhookOptions& options) {
  if (!options.sets_message && !options.sets_status) return show_session(context, options.id);
  Json body = Json::object();
  if (options.sets_message) body["message"] = options.message;
  if (options.sets_status) body["status"] = options.status;
  std::string id = options.id;
  return answer_session(context, request_by_name(context, kSessions, id, {"PATCH", "/webhooks", &body}));
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

Run declare_webhooks(CLI::App& app) {
  auto options = std::make_shared<WebhookOptions>();
  add_id(app, options->id, kSessionArgument);
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

Run declare_secret(CLI::App& app) {
  auto options = std::make_shared<SecretOptions>();
  add_id(app, options->id, kSessionArgument);
  app.add_flag("--rotate", options->is_rotated, "Make another one first");
  return [options](Context& context) { return secret(context, *options); };
}

}  // namespace

Commands sessions_webhooks_commands() {
  return {
      {"sessions", "webhooks", "Set where the events of a session go",
       "konekwa sessions webhooks ses_01 --message https://example.com/wa", declare_webhooks},
      {"sessions", "secret", "Print the secret that signs its webhooks", "konekwa sessions secret ses_01",
       declare_secret},
  };
}

}  // namespace konekwa::cli
