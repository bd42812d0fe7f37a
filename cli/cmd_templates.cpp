#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kContentBytesMax = 16'384;   // the API's limit
constexpr IdArgument kTemplateArgument = {"id", "Id or name of the template", kTemplateValue};
constexpr const char* kTypes = "text|image|video|document";
constexpr const char* kContentHelp = "The text, with {{placeholders}}; - to read it from stdin";

struct Options {
  std::string id, name, content, type;
};

api::Outcome<> answer_template(Context& context, const api::Outcome<api::Response>& response) {
  if (!response) return api::failed(response.error());
  const Json& shown = response->body;
  context.output.answer(*response, {field(shown, "id")},
                        field_list({{"id", field(shown, "id")},
                                    {"name", field(shown, "name")},
                                    {"type", field(shown, "message_type")},
                                    {"placeholders", field(shown, "placeholders")},
                                    {"content", field(shown, "content")},
                                    {"created", field(shown, "created_at")},
                                    {"updated", field(shown, "updated_at")}}));
  return {};
}

// What was given, and nothing else: an update leaves the rest as it is.
api::Outcome<Json> body_of(Context& context, const Options& options) {
  const auto content = text_or_stdin(context, options.content, kContentBytesMax);
  if (!content) return api::failed(content.error());
  Json body = Json::object();
  if (!options.name.empty()) body["name"] = options.name;
  if (!content->empty()) body["content"] = *content;
  if (!options.type.empty()) body["message_type"] = options.type;
  return body;
}

api::Outcome<> create(Context& context, const Options& options) {
  const auto body = body_of(context, options);
  if (!body) return api::failed(body.error());
  return answer_template(context, context.client.post("/v1/templates", *body));
}

api::Outcome<> update(Context& context, const Options& options) {
  const auto body = body_of(context, options);
  if (!body) return api::failed(body.error());
  std::string id = options.id;
  return answer_template(context, request_by_name(context, kTemplates, id, {"PUT", "", &*body}));
}

api::Outcome<> list(Context& context) {
  return answer_list(context, context.client.get("/v1/templates"),
                     {{"ID", "id"}, {"TYPE", "message_type"}, {"CREATED", "created_at"}, {"NAME", "name"},
                      {"CONTENT", "content"}});
}

api::Outcome<> show(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  return answer_template(context, request_by_name(context, kTemplates, id));
}

api::Outcome<> erase(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  const auto response = request_by_name(context, kTemplates, id, {"DELETE"});
  return answer_done(context, response, id);
}

Run declare_create(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--name", options->name, "What send --template calls it")->required()->type_name("NAME");
  app.add_option("--content", options->content, kContentHelp)->required()->type_name("TEXT");
  app.add_option("--type", options->type, "What it is the text or the caption of (default: text)")->type_name(kTypes);
  return [options](Context& context) { return create(context, *options); };
}

Run declare_update(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_id(app, options->id, kTemplateArgument);
  app.add_option("--name", options->name, "Another name")->type_name("NAME");
  app.add_option("--content", options->content, kContentHelp)->type_name("TEXT");
  app.add_option("--type", options->type, "What it is the text or the caption of")->type_name(kTypes);
  return [options](Context& context) { return update(context, *options); };
}

}  // namespace

Commands templates_commands() {
  return {
      {"templates", "create", "Make a text with placeholders",
       "konekwa templates create --name welcome --content 'Halo {{name}}'", declare_create},
      {"templates", "list", "List the templates", "konekwa templates list", [](CLI::App&) -> Run { return list; }},
      {"templates", "show", "Show one template and its placeholders", "konekwa templates show tpl_01j9z3m8t4",
       with_id(kTemplateArgument, show)},
      {"templates", "update", "Change a template; what was sent with it stays",
       "konekwa templates update tpl_01j9z3m8t4 --content 'Hai {{name}}'", declare_update},
      {"templates", "delete", "Delete a template", "konekwa templates delete tpl_01j9z3m8t4 --yes",
       with_id_confirmed(kTemplateArgument, "this deletes the template", erase)},
  };
}

}  // namespace konekwa::cli
