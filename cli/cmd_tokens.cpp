#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr IdArgument kTokenArgument = {"id", "Id or name of the token, not the token itself", kTokenValue};

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
  for (const std::string& written : options.sessions) {
    const auto session = id_of(context, kSessions, written);
    if (!session) return api::failed(session.error());
    body["sessions"].push_back(*session);
  }
  if (!options.expires_in.empty()) body["expires_in"] = options.expires_in;
  return answer_secret(context, context.client.post("/v1/tokens", body));
}

api::Outcome<> list(Context& context) {
  return answer_list(context, context.client.get("/v1/tokens"),
                     {{"ID", "id"}, {"NAME", "name"}, {"PREFIX", "prefix"}, {"EXPIRES", "expires_at"},
                      {"LAST USED", "last_used_at"}, {"REVOKED", "revoked_at"}, {"SCOPES", "scopes"}});
}

api::Outcome<> show(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  const auto response = request_by_name(context, kTokens, id);
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, token_text(response->body));
  return {};
}

struct RotateOptions {
  std::string id, grace;
};

api::Outcome<> rotate(Context& context, const RotateOptions& options) {
  const Json body{{"grace", options.grace}};
  std::string id = options.id;
  return answer_secret(context, request_by_name(context, kTokens, id,
                                                {"POST", "/rotate", options.grace.empty() ? nullptr : &body}));
}

api::Outcome<> revoke(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  const auto response = request_by_name(context, kTokens, id, {"DELETE"});
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {id}, "revoked " + printable(id) + "\n");
  return {};
}

// What the key that is used here may do.
api::Outcome<> me(Context& context) {
  const auto response = context.client.get("/v1/me");
  if (!response) return api::failed(response.error());
  const Json& shown = response->body;
  context.output.answer(*response, {field(shown, "tenant")},
                        field_list({{"tenant", field(shown, "tenant")},
                                    {"token", field(shown, "token_id")},
                                    {"administrator", field(shown, "is_admin")},
                                    {"scopes", field(shown, "scopes")},
                                    {"sessions", field(shown, "sessions")}}));
  return {};
}

Run declare_create(CLI::App& app) {
  auto options = std::make_shared<CreateOptions>();
  app.add_option("--name", options->name, "What the key is for")->required()->type_name("NAME");
  app.add_option("--scope", options->scopes, "Allow this only; repeat for more (default: all but admin and metrics)")
      ->type_name(kScopeValue)->allow_extra_args(false);
  app.add_option("--session", options->sessions, "Allow this session only; repeat for more")
      ->type_name(kSessionValue)->allow_extra_args(false);
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
      {"tokens", "me", "Show what the key that is used may do", "konekwa tokens me",
       [](CLI::App&) -> Run { return me; }},
      {"tokens", "rotate", "Replace an API key by another with the same rights",
       "konekwa tokens rotate tok_8d1 --grace 1h", declare_rotate},
      {"tokens", "revoke", "End the life of an API key", "konekwa tokens revoke tok_8d1 --yes",
       with_id_confirmed(kTokenArgument, "this ends at once what is done with the API key", revoke)},
  };
}

}  // namespace konekwa::cli
