#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

struct Options {
  std::string session, id;
};

std::string yes_no(const Json& object, const char* key) { return field(object, key) == "true" ? "yes" : "no"; }

api::Outcome<> list(Context& context, const Options& options) {
  const auto response = context.client.get(api::with_query("/v1/groups", {{"session_id", options.session}}));
  if (!response) return api::failed(response.error());
  Table table({"ID", "SIZE", "SUBJECT"});
  std::vector<std::string> ids;
  for (const Json& each : child(response->body, "groups")) {
    ids.push_back(field(each, "id"));
    table.add({field(each, "id"), field(each, "size"), field(each, "subject")});
  }
  context.output.answer(*response, ids, table.text(context.columns()));
  return {};
}

api::Outcome<> show(Context& context, const Options& options) {
  const std::string target = "/v1/groups/" + api::encode_segment(options.id);
  const auto response = context.client.get(api::with_query(target, {{"session_id", options.session}}));
  if (!response) return api::failed(response.error());
  const Json& shown = response->body;
  std::string text = field_list({{"id", field(shown, "id")},
                                 {"subject", field(shown, "subject")},
                                 {"description", field(shown, "description")},
                                 {"owner", field(shown, "owner")},
                                 {"created", field(shown, "created_at")},
                                 {"only admins send", yes_no(shown, "only_admins_send")},
                                 {"only admins edit", yes_no(shown, "only_admins_edit")},
                                 {"size", field(shown, "size")}});
  Table people({"PHONE NUMBER", "LID", "ROLE"});
  for (const Json& each : child(shown, "participants")) {
    people.add({field(each, "phone_number"), field(each, "lid"), field(each, "role")});
  }
  text += "\n" + people.text(context.columns());
  context.output.answer(*response, {field(shown, "id")}, text);
  return {};
}

void add_session(CLI::App& app, Options& options) {
  app.add_option("--session", options.session, "Of this session")->required()->type_name(kSessionValue);
}

Run declare_list(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_session(app, *options);
  return [options](Context& context) { return list(context, *options); };
}

Run declare_show(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_id(app, options->id, {"id", "Id of the group", "GROUP"});
  add_session(app, *options);
  return [options](Context& context) { return show(context, *options); };
}

}  // namespace

Commands groups_commands() {
  return {
      {"groups", "list", "List the groups of a session", "konekwa groups list --session toko", declare_list},
      {"groups", "show", "Show a group and who is in it",
       "konekwa groups show 120363012345678901@g.us --session toko", declare_show},
  };
}

}  // namespace konekwa::cli
