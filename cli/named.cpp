#include "cli/named.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/print.h"

namespace konekwa::cli {
namespace {

std::vector<std::string> ids_called(const Json& list, const char* key, const std::string& name) {
  std::vector<std::string> out;
  for (const Json* each : items_of(list)) {
    if (field(*each, key) == printable(name)) out.push_back(field(*each, "id"));
  }
  return out;
}

// Nothing has that id, and the names are not known.
api::Failure with_hint(api::Failure nothing, const Named& kind, const api::Failure& no_list) {
  const bool may_not_look = exit_code(no_list.error.code) == exit_code(ErrorCode::FORBIDDEN);
  if (may_not_look) nothing.hint = fmt::format("this key may not list {}s: write the id, not the name", kind.word);
  return nothing;
}

}  // namespace

api::Outcome<api::Response> ask_by_name(Context& context, const Named& kind, std::string& written, const Ask& ask) {
  auto asked = ask(written);
  if (asked || asked.error().error.code != kind.not_found) return asked;
  const auto list = context.client.get(kind.target);
  if (!list) return api::failed(with_hint(asked.error(), kind, list.error()));
  const std::vector<std::string> ids = ids_called(list->body, kind.name, written);
  if (ids.empty()) return asked;
  if (ids.size() > 1) {
    return api::failed(ErrorCode::INVALID_REQUEST,
                       fmt::format("{} {}s are called {}: {}", ids.size(), kind.word, written, fmt::join(ids, ", ")),
                       "write the id of the one that is meant");
  }
  written = ids.front();
  return ask(written);
}

api::Outcome<api::Response> request_by_name(Context& context, const Named& kind, std::string& written,
                                            const NamedRequest& request) {
  return ask_by_name(context, kind, written, [&](const std::string& id) {
    const std::string target = fmt::format("{}/{}{}", kind.target, api::encode_segment(id), request.action);
    return request.body == nullptr ? context.client.request(request.method, target)
                                   : context.client.send(request.method, target, *request.body, {});
  });
}

api::Outcome<std::string> id_of(Context& context, const Named& kind, const std::string& written) {
  std::string id = written;
  const auto shown = request_by_name(context, kind, id);
  if (shown || exit_code(shown.error().error.code) == exit_code(ErrorCode::FORBIDDEN)) return id;
  return api::failed(shown.error());
}

api::Outcome<std::string> session_or_default(const Context& context, const std::string& written) {
  if (!written.empty()) return written;
  if (!context.default_session.empty()) return context.default_session;
  return api::failed(ErrorCode::INVALID_REQUEST, "no session is named",
                     "konekwa config set session SESSION sets the usual one, or KONEKWA_SESSION");
}

}  // namespace konekwa::cli
