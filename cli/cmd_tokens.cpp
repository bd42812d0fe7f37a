#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

struct CreateOptions {
  std::string name, expires_in;
  std::vector<std::string> scopes, sessions;
};

api::Outcome<> create(Context& context, const CreateOptions& options) {
  Json body{{"name", options.name}};
  if (!options.scopes.empty()) body["scopes"] = options.scopes;
  if (!options.sessions.empty()) body["sessions"] = options.sessions;
  if (!options.expires_in.empty()) body["expires_in"] = options.expires_in;
  auto response = context.client.post("/v1/tokens", body);
  if (!response) return api::failed(response.error());
  const Json& token = response->body;
  // With -q the answer is the token itself: it is shown this once, so printing the id alone would lose it.
  context.output.answer(*response, {field(token, "token")},
                        field_list({{"token", field(token, "token")},
                                    {"id", field(token, "id")},
                                    {"name", field(token, "name")},
                                    {"scopes", field(token, "scopes")},
                                    {"sessions", field(token, "sessions")},
                                    {"expires", field(token, "expires_at")}}));
  context.output.note("the token is shown this once; keep it where only its user can read it");
  return {};
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
  context.output.answer(*response, ids, table.text(context.terminal().is_tty ? context.terminal().columns : 0));
  return {};
}

api::Outcome<> revoke(Context& context, const std::string& id) {
  auto response = context.client.request("DELETE", "/v1/tokens/" + api::encode_segment(id));
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

Run declare_revoke(CLI::App& app) {
  auto id = std::make_shared<std::string>();
  app.add_option("id", *id, "Id of the token, not the token itself")->required()->type_name(kTokenValue);
  return [id](Context& context) { return revoke(context, *id); };
}

}  // namespace

Commands tokens_commands() {
  return {
      {"tokens", "create", "Make an API key",
       "konekwa tokens create --name kasir-1 --scope messages:send --expires-in 90d", declare_create},
      {"tokens", "list", "List the API keys", "konekwa tokens list", [](CLI::App&) -> Run { return list; }},
      {"tokens", "revoke", "End the life of an API key", "konekwa tokens revoke tok_8d1", declare_revoke},
  };
}

}  // namespace konekwa::cli
