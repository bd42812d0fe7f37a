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
class Worker;
namespace store {
class DbWriter;
class MediaFiles;
class Readers;
}  // namespace store
namespace session {
class Registry;
}
namespace events {
class EventFeed;
}
namespace net {
class WebClient;
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
  bool may_use(std::string_view session) const;   // by the allow-list of its key
  bool sees(std::string_view owner_tenant) const { return sees_every_tenant || owner_tenant == tenant; }
  std::string acting_tenant() const { return tenant.empty() ? "default" : tenant; }   // owns what is made
};

// Every scope that a token can have. A new one has all but "admin" and "metrics:read" unless it says otherwise.
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

// What the API is allowed to do and how far; from the daemon's settings.
struct GatewayOptions {
  enum class PublicQr { Open, Signed, Off };
  PublicQr public_qr = PublicQr::Open;      // of sessions whose id we made; a chosen id always needs the signed link
  std::string sandbox_admin_url;            // of the sandbox that runs in-process; "" when there is none
  std::string whatsapp_url;                 // of the network that new sessions are linked to
  std::string default_country = "62";       // for numbers with a leading 0
  std::int64_t queue_max = 100'000;         // messages that wait, a session
  std::int64_t queue_max_tenant = 1'000'000;
  bool queue_when_offline = true;           // false: only a CONNECTED session takes messages
  bool allow_bulk_delete = true;            // DELETE /v1/sessions
  std::uint64_t media_bytes_max = 100 * 1024 * 1024;   // of one upload
  std::uint64_t media_quota = 0;            // bytes of the media folder; 0: as much as the disk has
};

// A file that a client gives us, piece by piece. Any thread, one call at a time. Without a finish nothing of it stays.
class MediaUpload {
 public:
  virtual ~MediaUpload() = default;
  virtual void write(std::string piece, std::function<void(bool goes_on)> done) = 0;   // false: finish() says why
  virtual void finish(std::function<void(Result<Reply>)> answer) = 0;
};

// An open file, which stays readable when it is taken away.
class MediaReader {
 public:
  virtual ~MediaReader() = default;
  // Any thread, on which `deliver` is called, is another. It gets "" at the end of the file, or when it cannot be read.
  virtual void read(std::uint64_t offset, std::size_t size, std::function<void(std::string piece)> deliver) = 0;
};

struct MediaView {                                              // of a message
  std::shared_ptr<MediaReader> reader;
  std::uint64_t size = 0;
  std::string mimetype, filename, sha256;                       // filename and mimetype may be "", the hash is hex
};

// A backup that was taken and is read. When it ends, what it took of the disk is given back.
class BackupReader {
 public:
  virtual ~BackupReader() = default;
  virtual std::uint64_t size() const = 0;   // in octets
  // Any thread, on which `deliver` is called, is another. "": it is over, or cannot be read.
  virtual void read(std::function<void(std::string piece)> deliver) = 0;
};

struct EventView {                                              // one of GET /v1/events
  std::int64_t position = 0;
  std::string event_type, body;
};

struct EventQuery {                                             // which of them, and from where on
  Caller caller;
  std::string session;                                          // "": every one that the caller may see
  std::vector<std::string> types;                               // empty: all
  std::int64_t position = 0;                                    // of the last that was looked at
  bool is_at_end = false;                                       // no more for now
};

struct Totals {                                                 // for metrics
  std::vector<std::pair<std::string, std::int64_t>> sessions_by_status;
  std::int64_t messages_waiting = 0, messages_accepted = 0, events_made = 0;
  std::int64_t webhooks_pending = 0, webhooks_failed = 0;
  Duration webhooks_oldest_age{};           // of what waits for an attempt; zero: nothing does
  bool is_storage_healthy = true;
};

class Gateway {
 public:
  struct Parts {
    Loop& loop;
    Random& random;
    store::DbWriter& writer;
    store::Readers& readers;
    session::Registry& sessions;
    events::EventFeed& feed;
    store::MediaFiles& media;
    Worker& worker;             // for files; no call comes from it after it is destroyed
    net::WebClient& web;        // for URLs of users
    GatewayOptions options{};
    std::string data_dir{};     // of backups; "": there are none
  };
  explicit Gateway(Parts parts);
  ~Gateway();

  using Answer = std::function<void(Result<Reply>)>;
  using Query = std::vector<std::pair<std::string, std::string>>;

  // INVALID_API_KEY, API_KEY_EXPIRED, API_KEY_REVOKED, TENANT_SUSPENDED. `ip` is kept as where it was last used from.
  Result<Caller> authenticate(std::string_view api_key, const std::string& ip);
  // The same for who was let in before: a stream that goes on for days asks again.
  Result<> check_still_valid(const Caller& caller);

  void create_session(const Caller& caller, std::string body, std::string idempotency_key, Answer answer);
  Result<Reply> list_sessions(const Caller& caller);
  Result<Reply> show_session(const Caller& caller, const std::string& id);
  void update_session(const Caller& caller, const std::string& id, std::string body, Answer answer);
  void update_settings(const Caller& caller, const std::string& id, std::string body, Answer answer);
  void delete_session(const Caller& caller, const std::string& id, Answer answer);
  void delete_sessions(const Caller& caller, Answer answer);
  void connect_session(const Caller& caller, const std::string& id, Answer answer);
  void disconnect_session(const Caller& caller, const std::string& id, Answer answer);
  void restart_qr(const Caller& caller, const std::string& id, Answer answer);
  void reset_session(const Caller& caller, const std::string& id, Answer answer);

  void update_webhooks(const Caller& caller, const std::string& id, std::string body, Answer answer);
  Result<Reply> webhook_secret(const Caller& caller, const std::string& id);
  void rotate_webhook_secret(const Caller& caller, const std::string& id, Answer answer);
  Result<Reply> list_failed_webhooks(const Caller& caller, const Query& query);
  Result<Reply> list_deliveries(const Caller& caller, const Query& query);
  void replay_webhook(const Caller& caller, const std::string& id, std::string body, Answer answer);
  void replay_webhooks(const Caller& caller, std::string body, Answer answer);   // all that a filter finds
  // Sends a webhook.test event to each URL of the session; answers what came of it.
  void test_webhooks(const Caller& caller, const std::string& id, Answer answer);

  void send_message(const Caller& caller, std::string body, std::string idempotency_key, Answer answer);
  Result<Reply> show_message(const Caller& caller, const std::string& id);
  Result<Reply> list_messages(const Caller& caller, const Query& query);
  // What is done to a message that is there: each is a message of its own, which is sent as others are.
  void react(const Caller& caller, const std::string& id, std::string body, Answer answer);
  void edit_message(const Caller& caller, const std::string& id, std::string body, Answer answer);
  // Cancels what waits; what was sent is revoked, unless the query says revoke=false.
  void delete_message(const Caller& caller, const std::string& id, const Query& query, Answer answer);

  // The file that a message brought or was sent with. MEDIA_NOT_FOUND when it has none, MEDIA_NOT_READY while it is not
  // fetched, MEDIA_EXPIRED when it is kept no longer.
  Result<MediaView> message_media(const Caller& caller, const std::string& id);
  // INVALID_REQUEST when the type or the name is none. Both may be "".
  Result<std::shared_ptr<MediaUpload>> begin_upload(const Caller& caller, const std::string& mimetype,
                                                    const std::string& filename);
  Result<Reply> show_upload(const Caller& caller, const std::string& id);
  void delete_upload(const Caller& caller, const std::string& id, Answer answer);
  std::uint64_t media_bytes_max() const;

  void list_groups(const Caller& caller, const Query& query, Answer answer);
  void show_group(const Caller& caller, const std::string& id, const Query& query, Answer answer);

  void create_template(const Caller& caller, std::string body, std::string idempotency_key, Answer answer);
  Result<Reply> list_templates(const Caller& caller, const Query& query);
  Result<Reply> show_template(const Caller& caller, const std::string& id);
  void update_template(const Caller& caller, const std::string& id, std::string body, Answer answer);
  void delete_template(const Caller& caller, const std::string& id, Answer answer);

  void create_token(const Caller& caller, std::string body, Answer answer);
  Result<Reply> list_tokens(const Caller& caller);
  Result<Reply> show_token(const Caller& caller, const std::string& id);
  void rotate_token(const Caller& caller, const std::string& id, std::string body, Answer answer);
  void revoke_token(const Caller& caller, const std::string& id, Answer answer);

  void create_tenant(const Caller& caller, std::string body, Answer answer);
  Result<Reply> list_tenants(const Caller& caller);
  Result<Reply> show_tenant(const Caller& caller, const std::string& id);
  void update_tenant(const Caller& caller, const std::string& id, std::string body, Answer answer);
  void delete_tenant(const Caller& caller, const std::string& id, Answer answer);

  // Everything of every tenant, as one archive. CONFLICT while another is made; STORAGE_FULL when there is no room for
  // a copy of the database, which takes a moment.
  using BackupAnswer = std::function<void(Result<std::shared_ptr<BackupReader>>)>;
  void begin_backup(const Caller& caller, const Query& query, BackupAnswer answer);

  // Public, but for a session whose id was chosen, and so can be guessed, and where public_qr says so: that takes the
  // signed link of the session's qr_url (`link_token`, its ?t=), or a caller who may read the session.
  Result<QrView> qr(const std::string& session, const std::string& link_token, const Caller* caller);
  Result<Reply> public_status(const std::string& session);      // public
  Reply server_status();                                        // public
  Reply health(bool for_admin);                                 // who learns more of it
  Reply ready();
  Result<Reply> sandbox_info(const Caller& caller);             // {"admin": url}; NOT_FOUND without one
  Result<Totals> totals();

  // What happened, for event streams. FORBIDDEN for a caller who may read neither messages nor sessions.
  Result<EventQuery> event_query(const Caller& caller, const Query& query, const std::string& last_event_id);
  // The next events, at most a batch; `query.position` moves behind what was looked at.
  Result<std::vector<EventView>> next_events(EventQuery& query);
  // `told` is called whenever there may be more, until the watch is let go; on another thread, so it only posts.
  using Watch = std::shared_ptr<void>;
  Watch watch_events(std::function<void()> told);

  class Impl;   // for the .cpp files of daemon/gateway only

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa
