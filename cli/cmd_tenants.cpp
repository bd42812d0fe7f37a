#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr IdArgument kTenantArgument = {"id", "Id or name of the tenant", kTenantValue};

struct Options {
  std::string id, name;
  bool is_suspended = false, is_resumed = false;
};

api::Outcome<> answer_tenant(Context& context, const api::Outcome<api::Response>& response) {
  if (!response) return api::failed(response.error());
  const Json& tenant = response->body;
  context.output.answer(*response, {field(tenant, "id")},
                        field_list({{"id", field(tenant, "id")},
                                    {"name", field(tenant, "name")},
                                    {"suspended", field(tenant, "suspended")},
                                    {"sessions", field(tenant, "sessions")},
                                    {"tokens", field(tenant, "tokens")},
                                    {"created", field(tenant, "created_at")}}));
  return {};
}

api::Outcome<> create(Context& context, const Options& options) {
  Json body{{"id", options.id}};
  if (!options.name.empty()) body["name"] = options.name;
  return answer_tenant(context, context.client.post("/v1/tenants", body));
}

api::Outcome<> list(Context& context) {
  return answer_list(context, context.client.get("/v1/tenants"),
                     {{"ID", "id"}, {"SUSPENDED", "suspended"}, {"SESSIONS", "sessions"}, {"TOKENS", "tokens"},
                      {"CREATED", "created_at"}, {"NAME", "name"}});
}

api::Outcome<> show(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  return answer_tenant(context, request_by_name(context, kTenants, id));
}

api::Outcome<> update(Context& context, const Options& options) {
  Json body = Json::object();
  if (!options.name.empty()) body["name"] = options.name;
  if (options.is_suspended || options.is_resumed) body["suspended"] = options.is_suspended;
  std::string id = options.id;
  return answer_tenant(context, request_by_name(context, kTenants, id, {"PATCH", "", &body}));
}

api::Outcome<> erase(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  const auto response = request_by_name(context, kTenants, id, {"DELETE"});
  return answer_done(context, response, id);
}

Run declare_create(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_id(app, options->id, {"id", "Its id, for --tenant", "ID"});
  app.add_option("--name", options->name, "A label for people")->type_name("NAME");
  return [options](Context& context) { return create(context, *options); };
}

Run declare_update(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_id(app, options->id, kTenantArgument);
  app.add_option("--name", options->name, "A label for people")->type_name("NAME");
  CLI::Option* suspend = app.add_flag("--suspend", options->is_suspended, "Refuse every request of its keys");
  app.add_flag("--resume", options->is_resumed, "Let its keys in again")->excludes(suspend);
  return [options](Context& context) { return update(context, *options); };
}

}  // namespace

Commands tenants_commands() {
  return {
      {"tenants", "create", "Make a tenant", "konekwa tenants create toko --name 'Toko Maju'", declare_create},
      {"tenants", "list", "List the tenants", "konekwa tenants list", [](CLI::App&) -> Run { return list; }},
      {"tenants", "show", "Show one tenant", "konekwa tenants show toko", with_id(kTenantArgument, show)},
      {"tenants", "update", "Rename, suspend or resume a tenant", "konekwa tenants update toko --suspend",
       declare_update},
      {"tenants", "delete", "Delete a tenant that has no sessions and no keys", "konekwa tenants delete toko --yes",
       with_id_confirmed(kTenantArgument, "this deletes the tenant", erase)},
  };
}

}  // namespace konekwa::cli
