#include "cli/template_choice.h"

#include <nlohmann/json.hpp>

#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {

api::Outcome<TemplateChoice> choose_template(Context& context, const std::string& id_or_name) {
  std::string id = id_or_name;
  const auto shown = request_by_name(context, kTemplates, id);
  // A key that may send and nothing else cannot look, but it can use the id.
  const bool may_not_look = !shown && exit_code(shown.error().error.code) == exit_code(ErrorCode::FORBIDDEN);
  if (may_not_look) return TemplateChoice{id, "", {}};
  if (!shown) return api::failed(shown.error());
  TemplateChoice out{id, field(shown->body, "message_type"), {}};
  for (const Json& name : child(shown->body, "placeholders")) out.placeholders.push_back(text_of(name));
  return out;
}

}  // namespace konekwa::cli
