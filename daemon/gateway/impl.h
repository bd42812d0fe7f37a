// What the methods of Gateway share. They are in gateway.cpp and, one noun a file, in sessions.cpp, messages.cpp and
// tokens.cpp of this folder; nobody else includes it.
#pragma once

#include "daemon/gateway/api_token.h"
#include "daemon/gateway.h"
#include "daemon/gateway/idempotency.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/queue_limit.h"
#include "daemon/session/registry.h"
#include "daemon/store/db_writer.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"
#include "daemon/store/store.h"
#include "daemon/store/tokens.h"

namespace konekwa {

class Gateway::Impl {
 public:
  explicit Impl(Parts p) : parts(std::move(p)), started_at(parts.loop.now()), queue_limit(parts.queue_max) {}

  Time now() const { return parts.loop.now(); }
  void load_qr_link_key();

  // The session, if the caller may use it: SESSION_NOT_FOUND for another tenant's, SESSION_NOT_ALLOWED when it is not
  // on the list of the caller's token.
  Result<store::SessionRow> session(const Caller& caller, const std::string& id);
  static Result<store::SessionRow> session(store::Database& db, const Caller& caller, const std::string& id);

  // The object of the API. What is not known is absent.
  Json session_json(const store::SessionRow& row);
  std::string qr_url(const store::SessionRow& row);

  // A change that answers with what its operation returned, once that is durable.
  using Change = std::function<Result<Reply>(store::Database&)>;
  void commit(Change change, Answer answer, std::function<void()> once_durable = {});

  Parts parts;
  const Time started_at;
  QueueLimit queue_limit;
  Bytes qr_link_key;
};

Reply json_reply(int status, const Json& body);
void add_headers(Reply& reply, std::vector<std::pair<std::string, std::string>> headers);
bool is_object_id(std::string_view text);   // ^[A-Za-z0-9_-]{1,64}$

inline constexpr std::size_t kNameCharactersMax = 100;
inline constexpr Duration kDurationMax = hours(24 * 3660);   // of any expires_in: further than that is a mistake
void check_name(JsonFields& fields, const std::string& name);

}  // namespace konekwa
