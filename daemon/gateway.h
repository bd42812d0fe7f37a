// The operations of the API, one method each: what HTTP handlers call. Checks who may do what to which object, turns
// requests into durable batches, and wakes the sessions. Any thread; replies come on any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/json.h"
#include "common/random.h"
#include "common/loop.h"

namespace konekwa {
namespace store {
class DbWriter;
class Readers;
}  // namespace store
namespace session {
class Registry;
}

// Who is asking. Made by authenticate() or, on the Unix socket, by the peer's credentials.
struct Caller {
  bool is_admin = false;
  bool sees_every_tenant = false;           // an admin who named no tenant
  std::string tenant;                       // "" only for an admin on the Unix socket who named none
  std::string token_id;                     // "" on the Unix socket without a key
  std::vector<std::string> scopes;
  std::vector<std::string> sessions;        // allow-list; empty: all of the tenant

  bool may(std::string_view scope) const;
  bool sees(std::string_view owner_tenant) const { return sees_every_tenant || owner_tenant == tenant; }
  std::string acting_tenant() const { return tenant.empty() ? "default" : tenant; }   // owns what is made
};

// Every scope that a token can have. A new one has all but "admin" unless it says otherwise.
const std::vector<std::string>& all_scopes();
bool is_tenant_name(std::string_view text);   // ^[A-Za-z0-9_-]{1,64}$

// An answer of the API: what HTTP writes.
struct Reply {
  int status = 200;
  std::string body;                                             // JSON text
  std::vector<std::pair<std::string, std::string>> headers;
};

struct QrView {                                                 // for /api/v1/qr
  std::string session, status, status_reason;
  std::string qr;                                               // "" when none is live
  int sequence = 0, remaining_codes = 0;
  Time issued_at{}, expires_at{};
};

class Gateway {
 public:
  struct Parts {
    Loop& loop;
    Random& random;
    store::DbWriter& writer;
    store::Readers& readers;
    session::Registry& sessions;
    std::string sandbox_admin_url;           // of the sandbox that runs in-process; "" when there is none
    std::string default_country = "62";      // for numbers with a leading 0
    std::int64_t queue_max = 100'000;        // messages that wait, a session
  };
  explicit Gateway(Parts parts);
  ~Gateway();

  using Answer = std::function<void(Result<Reply>)>;

  Result<Caller> authenticate(std::string_view api_key);

  void create_session(const Caller& caller, std::string body, std::string idempotency_key, Answer answer);
  Result<Reply> list_sessions(const Caller& caller);
  Result<Reply> show_session(const Caller& caller, const std::string& id);
  void delete_session(const Caller& caller, const std::string& id, Answer answer);
  void connect_session(const Caller& caller, const std::string& id, Answer answer);
  void disconnect_session(const Caller& caller, const std::string& id, Answer answer);
  void update_webhooks(const Caller& caller, const std::string& id, std::string body, Answer answer);
  Result<Reply> webhook_secret(const Caller& caller, const std::string& id);

  void send_message(const Caller& caller, std::string body, std::string idempotency_key, Answer answer);
  Result<Reply> show_message(const Caller& caller, const std::string& id);
  using Query = std::vector<std::pair<std::string, std::string>>;
  Result<Reply> list_messages(const Caller& caller, const Query& query);

  void create_token(const Caller& caller, std::string body, Answer answer);
  Result<Reply> list_tokens(const Caller& caller);
  void revoke_token(const Caller& caller, const std::string& id, Answer answer);

  // Public, but for a session whose id was chosen, and so can be guessed: that takes the signed link of the session's
  // qr_url (`link_token`, its ?t=), or a caller who may read the session.
  Result<QrView> qr(const std::string& session, const std::string& link_token, const Caller* caller);
  Result<Reply> public_status(const std::string& session);      // public
  Reply health(bool with_totals);
  Result<Reply> sandbox_info(const Caller& caller);             // {"admin": url}; NOT_FOUND without one

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa
