// What has an id and also a name: wherever a command takes the id, it takes the name, if only one thing has it. Ids
// come first. A name costs two more requests, an id none.
#pragma once

#include <functional>
#include <string>

#include "cli/command.h"

namespace konekwa::cli {

struct Named {
  const char* word;        // "session"
  const char* target;      // "/v1/sessions", which lists them
  ErrorCode not_found;     // what the daemon says when there is no such id
  const char* name = "name";   // the field that has it
};
inline constexpr Named kSessions{"session", "/v1/sessions", ErrorCode::SESSION_NOT_FOUND};
inline constexpr Named kTemplates{"template", "/v1/templates", ErrorCode::TEMPLATE_NOT_FOUND};
inline constexpr Named kTokens{"token", "/v1/tokens", ErrorCode::TOKEN_NOT_FOUND};
inline constexpr Named kTenants{"tenant", "/v1/tenants", ErrorCode::TENANT_NOT_FOUND};

// Asks with what was written as an id; where nothing has that id, with the id of what is called so, which replaces
// `written`. INVALID_REQUEST lists the candidates when several are.
using Ask = std::function<api::Outcome<api::Response>(const std::string& id)>;
api::Outcome<api::Response> ask_by_name(Context& context, const Named& kind, std::string& written, const Ask& ask);

// "METHOD /v1/sessions/ID/connect", by id or name.
struct NamedRequest {
  const char* method = "GET";
  const char* action = "";        // behind the id
  const Json* body = nullptr;
};
api::Outcome<api::Response> request_by_name(Context& context, const Named& kind, std::string& written,
                                            const NamedRequest& request = {});

// For a request that would not tell that there is no such id. What may not be looked up is taken for an id.
api::Outcome<std::string> id_of(Context& context, const Named& kind, const std::string& written);

// The session that was named, or the one that is set for all commands.
api::Outcome<std::string> session_or_default(const Context& context, const std::string& written);

}  // namespace konekwa::cli
