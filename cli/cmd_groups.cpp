#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

struct Options {
  std::string session, id;
};

// Asks with the id of the session that was written, or is the usual one.
api::Outcome<api::Response> ask(Context& context, const std::string& written, const Ask& question) {
  auto session = session_or_default(context, written);
  return session ? ask_by_name(context, kSessions, *session, question) : api::failed(session.error());
}

std::string target_of(const std::string& path, const std::string& session) {
  return api::with_query(path, {{"session_id", session}});
}

std::string yes_no(const Json& object, const char* key) { return field(object, key) == "true" ? "yes" : "no"; }

api::Outcome<> list(Context& context, const Options& options) {
  const auto response = ask(context, options.session, [&](const std::string& session) {
    return context.client.get(target_of("/v1/groups", session));
  });
  return answer_list(context, response,
                     {{"ID", "id"}, {"SIZE", "size"}, {"SUBJECT", "subject"}});
}

api::Outcome<> show(Context& context, const Options& options) {
  std::string written = options.id;
  const auto response = ask(context, options.session, [&](const std::string& session) {
    const std::string groups = target_of("/v1/groups", session);
    const Named kind{"group", groups.c_str(), ErrorCode::GROUP_NOT_FOUND, "subject"};
    return ask_by_name(context, kind, written, [&](const std::string& group) {
      return context.client.get(target_of("/v1/groups/" + api::encode_segment(group), session));
    });
  });
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
  app.add_option("--session", options.session, "Of this session (default: the usual one)")
      ->type_name(kSessionValue);
}

Run declare_list(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_session(app, *options);
  return [options](Context& context) { return list(context, *options); };
}

Run declare_show(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_id(app, options->id, {"id", "Id or subject of the group", kGroupValue});
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
