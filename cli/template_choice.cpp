#include "cli/template_choice.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::string_view kIdPrefix = "tpl_";

bool is_exit_code_of(const api::Failure& failure, ErrorCode code) {
  return exit_code(failure.error.code) == exit_code(code);
}

TemplateChoice choice_of(const Json& found) { return {field(found, "id"), field(found, "message_type")}; }

api::Outcome<TemplateChoice> choose_by_name(Context& context, const std::string& name) {
  const auto response = context.client.get("/v1/templates");
  if (!response) return api::failed(response.error());
  std::vector<TemplateChoice> found;
  for (const Json& each : child(response->body, "templates")) {
    if (field(each, "name") == printable(name)) found.push_back(choice_of(each));
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return api::failed(ErrorCode::NOT_FOUND, fmt::format("there is no template {}", name),
                       "konekwa templates list shows the templates");
  }
  return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{} templates are called {}", found.size(), name),
                     "use the id: konekwa templates list shows it");
}

}  // namespace

api::Outcome<TemplateChoice> choose_template(Context& context, const std::string& id_or_name) {
  if (!id_or_name.starts_with(kIdPrefix)) return choose_by_name(context, id_or_name);
  const auto shown = context.client.get("/v1/templates/" + api::encode_segment(id_or_name));
  if (shown) return choice_of(shown->body);
  // A key that may send and nothing else cannot look, but it can use the id.
  if (is_exit_code_of(shown.error(), ErrorCode::FORBIDDEN)) return TemplateChoice{id_or_name, ""};
  if (is_exit_code_of(shown.error(), ErrorCode::NOT_FOUND)) return choose_by_name(context, id_or_name);
  return api::failed(shown.error());
}

}  // namespace konekwa::cli
