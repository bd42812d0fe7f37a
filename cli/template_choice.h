// Which template is meant by what a person writes: its id, or a name that only one has.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace konekwa::cli {

struct TemplateChoice {
  std::string id;
  std::string message_type;   // "" when the key that is used may not look
  std::vector<std::string> placeholders;
};

// TEMPLATE_NOT_FOUND when there is none, INVALID_REQUEST when several have the name.
api::Outcome<TemplateChoice> choose_template(Context& context, const std::string& id_or_name);

}  // namespace konekwa::cli
