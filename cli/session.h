// What the commands about sessions share.
#pragma once

#include <string>

#include "cli/command.h"
#include "common/json.h"

namespace konekwa::cli {

inline constexpr IdArgument kSessionArgument = {"session", "Id or name of the session", kSessionValue};

// Prints a session object.
api::Outcome<> answer_session(Context& context, const api::Outcome<api::Response>& response);
api::Outcome<> show_session(Context& context, const std::string& id_or_name);

}  // namespace konekwa::cli
