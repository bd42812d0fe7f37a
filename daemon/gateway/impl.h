// What the methods of Gateway share. They are in gateway.cpp and, one noun a file, in this folder; nobody else includes
// it.
#pragma once

#include <atomic>
#include <mutex>

#include "common/log.h"
#include "common/worker.h"
#include "daemon/events/event_feed.h"
#include "daemon/gateway/api_token.h"
#include "daemon/gateway.h"
#include "daemon/gateway/idempotency.h"
#include "daemon/gateway/json_fields.h"
#include "daemon/gateway/media_transfer.h"
#include "daemon/gateway/queue_limit.h"
#include "daemon/gateway/token_cache.h"
#include "daemon/session/registry.h"
#include "daemon/store/db_writer.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"
#include "daemon/store/store.h"
#include "daemon/store/templates.h"
#include "daemon/store/tenants.h"
#include "daemon/store/tokens.h"
#include "daemon/store/uploads.h"

namespace konekwa {

class Gateway::Impl {
 public:
  explicit Impl(Parts p)
      : parts(std::move(p)), options(parts.options), started_at(parts.loop.now()), queue_limit(options.queue_max),
        tenant_queue_limit(options.queue_max_tenant) {
    upload_limits.quota_bytes = options.media_quota;
  }

  Time now() const { return parts.loop.now(); }
  void load_qr_link_key();

  // The row of a key that is let in now.
  Result<TokenCache::Token> live_token(std::string_view api_key, const std::string& ip);
  Result<TokenCache::Token> read_token(const Bytes& key_hash);   // whose tenant is not suspended
  void touch(const store::TokenRow& token, const std::string& ip);

  // The session, if the caller may use it: SESSION_NOT_FOUND for another tenant's, SESSION_NOT_ALLOWED when it is not
  // on the list of the caller's token.
  Result<store::SessionRow> session(const Caller& caller, const std::string& id);
  static Result<store::SessionRow> session(store::Database& db, const Caller& caller, const std::string& id);

  Result<std::string> session_of(const Caller& caller, const Query& query);   // by ?session_id=, which is required

  // MESSAGE_NOT_FOUND for another tenant's, SESSION_NOT_ALLOWED for one of a session that the token may not use.
  static Result<store::MessageRow> message(store::Database& db, const Caller& caller, const std::string& id);
  Result<> take_room(const store::SessionRow& session);   // QUEUE_FULL
  // SESSION_NOT_ACTIVE
  static Result<> check_takes_messages(const store::SessionRow& session, bool queues_when_offline);
  static std::string new_stanza_id(Random& random);
  static Json accepted_json(const store::MessageRow& row);
  void on_accepted(const store::MessageRow& row);         // once it is durable

  Result<std::vector<store::SessionRow>> visible_sessions(const Caller& caller);   // newest first

  // The object of the API. What is not known is absent.
  Json session_json(const store::SessionRow& row);
  std::string qr_url(const store::SessionRow& row);
  bool needs_link(const store::SessionRow& row) const;   // its public code is shown by the signed link only

  // A change that answers with what its operation returned, once that is durable.
  using Change = std::function<Result<Reply>(store::Database&)>;
  void commit(Change change, Answer answer, std::function<void()> once_durable = {});
  void commit_access(Change change, Answer answer);   // of tokens and tenants

  // PATCH of a session, once durable: its object, or SESSION_NOT_FOUND and the like.
  using Edit = std::function<void(store::Database&, store::SessionRow&)>;
  Change edit_session(const Caller& caller, const std::string& id, Edit edit,
                      std::vector<std::pair<std::string, std::string>> warnings);

  Worker& backup_worker();   // a thread that is there once a backup was asked for

  Parts parts;
  const GatewayOptions& options;
  const Time started_at;
  QueueLimit queue_limit, tenant_queue_limit;
  TokenCache tokens;
  UploadLimits upload_limits;
  std::atomic<std::int64_t> accepted = 0;                // messages, since the start
  Bytes qr_link_key;
  // Shared, because an answer that is still on its way to a client may outlive this.
  const std::shared_ptr<std::atomic<bool>> is_backing_up = std::make_shared<std::atomic<bool>>(false);
  std::mutex backup_mutex;
  std::unique_ptr<Worker> backup_thread;
};

Reply json_reply(int status, const Json& body);
void add_headers(Reply& reply, std::vector<std::pair<std::string, std::string>> headers);
bool is_object_id(std::string_view text);   // ^[A-Za-z0-9_-]{1,64}$

// The details of an answer, when a device was to be logged out.
inline constexpr const char* kNotTold =
    "WhatsApp could not be told; remove the device on the phone, under Linked devices";
inline constexpr std::size_t kNameCharactersMax = 100;
inline constexpr Duration kDurationMax = hours(24 * 3660);   // of any expires_in: further than that is a mistake
void check_name(JsonFields& fields, const std::string& name);
// "must be a duration such as ..." when it is none, or not a positive one up to kDurationMax.
std::optional<Duration> read_duration(JsonFields& fields, const std::string& name, const char* example);
std::string read_webhook_url(JsonFields& fields, const std::string& name);        // "" for null and ""
// What people put into a URL to authorise it is nobody's business in a list.
std::string masked_url(std::string url);
std::string find_parameter(const Gateway::Query& query, std::string_view name);   // "" when it is absent

}  // namespace konekwa
