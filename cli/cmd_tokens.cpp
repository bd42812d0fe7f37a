#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr IdArgument kTokenArgument = {"id", "Id of the token, not the token itself", kTokenValue};

std::string token_target(const std::string& id, std::string_view action = {}) {
  return fmt::format("/v1/tokens/{}{}", api::encode_segment(id), action);
}

std::string token_text(const Json& token) {
  return field_list({{"token", field(token, "token")},
                     {"id", field(token, "id")},
                     {"name", field(token, "name")},
                     {"prefix", field(token, "token").empty() ? field(token, "prefix") : ""},
                     {"scopes", field(token, "scopes")},
                     {"sessions", field(token, "sessions")},
                     {"created", field(token, "token").empty() ? field(token, "created_at") : ""},
                     {"expires", field(token, "expires_at")},
                     {"last used", field(token, "last_used_at")},
                     {"revoked", field(token, "revoked_at")},
                     {"the one before until", field(token, "previous_valid_until")}});
}

// With -q the answer is the token itself: it is shown this once, so printing the id alone would lose it.
api::Outcome<> answer_secret(Context& context, const api::Outcome<api::Response>& response) {
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "token")}, token_text(response->body));
  context.output.note("the token is shown this once; keep it where only its user can read it");
  return {};
}

struct CreateOptions {
  std::string name, expires_in;
  std::vector<std::string> scopes, sessions;
};

api::Outcome<> create(Context& context, const CreateOptions& options) {
  Json body{{"name", options.name}};
  if (!options.scopes.empty()) body["scopes"] = options.scopes;
  if (!options.sessions.empty()) body["sessions"] = options.sessions;
  if (!options.expires_in.empty()) body["expires_in"] = options.expires_in;
  return answer_secret(context, context.client.post("/v1/tokens", body));
}

api::Outcome<> list(Context& context) {
  auto response = context.client.get("/v1/tokens");
  if (!response) return api::failed(response.error());
  Table table({"ID", "NAME", "PREFIX", "EXPIRES", "LAST USED", "REVOKED", "SCOPES"});
  std::vector<std::string> ids;
  for (const Json& token : child(response->body, "tokens")) {
    ids.push_back(field(token, "id"));
    table.add({field(token, "id"), field(token, "name"), field(token, "prefix"), field(token, "expires_at"),
               field(token, "last_used_at"), field(token, "revoked_at"), field(token, "scopes")});
  }
  context.output.answer(*response, ids, table.text(context.columns()));
  return {};
}

api::Outcome<> show(Context& context, const std::string& id) {
  const auto response = context.client.get(token_target(id));
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, token_text(response->body));
  return {};
}

struct RotateOptions {
  std::string id, grace;
};

api::Outcome<> rotate(Context& context, const RotateOptions& options) {
  const std::string target = token_target(options.id, "/rotate");
  return answer_secret(context, options.grace.empty() ? context.client.request("POST", target)
                                                      : context.client.post(target, Json{{"grace", options.grace}}));
}

api::Outcome<> revoke(Context& context, const std::string& id) {
  const auto response = context.client.request("DELETE", token_target(id));
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {id}, "revoked " + printable(id) + "\n");
  return {};
}

Run declare_create(CLI::App& app) {
  auto options = std::make_shared<CreateOptions>();
  app.add_option("--name", options->name, "What the key is for")->required()->type_name("NAME");
  app.add_option("--scope", options->scopes, "Allow this only; repeat for more (default: all but admin)")
      ->type_name("SCOPE")->expected(1)->take_all();
  app.add_option("--session", options->sessions, "Allow this session only; repeat for more")
      ->type_name(kSessionValue)->expected(1)->take_all();
  app.add_option("--expires-in", options->expires_in, "End of life, such as 90d (default: never)")
      ->type_name(kDurationValue)->check(duration_problem);
  return [options](Context& context) { return create(context, *options); };
}

Run declare_rotate(CLI::App& app) {
  auto options = std::make_shared<RotateOptions>();
  add_id(app, options->id, kTokenArgument);
  app.add_option("--grace", options->grace, "How long the one before still counts (default: 24h)")
      ->type_name(kDurationValue)->check(duration_problem);
  return [options](Context& context) { return rotate(context, *options); };
}

}  // namespace

Commands tokens_commands() {
  return {
      {"tokens", "create", "Make an API key",
       "konekwa tokens create --name kasir-1 --scope messages:send --expires-in 90d", declare_create},
      {"tokens", "list", "List the API keys", "konekwa tokens list", [](CLI::App&) -> Run { return list; }},
      {"tokens", "show", "Show one API key, without the key itself", "konekwa tokens show tok_8d1",
       with_id(kTokenArgument, show)},
      {"tokens", "rotate", "Replace an API key by another with the same rights",
       "konekwa tokens rotate tok_8d1 --grace 1h", declare_rotate},
      {"tokens", "revoke", "End the life of an API key", "konekwa tokens revoke tok_8d1",
       with_id(kTokenArgument, revoke)},
  };
}

}  // namespace konekwa::cli
