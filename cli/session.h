// What the commands about sessions share.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "common/json.h"

namespace konekwa::cli {

inline constexpr IdArgument kSessionArgument = {"session", "Id of the session", kSessionValue};

std::string session_target(const std::string& id, std::string_view action = {});   // "/v1/sessions/ID/connect"

// Prints a session object.
api::Outcome<> answer_session(Context& context, const api::Outcome<api::Response>& response);
api::Outcome<> show_session(Context& context, const std::string& id);

}  // namespace konekwa::cli
