#include "daemon/daemon.h"

#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include <sys/resource.h>

#include "common/log.h"
#include "common/worker.h"
#include "daemon/events/event_feed.h"
#include "daemon/events/event_retention.h"
#include "daemon/events/webhook_dispatcher.h"
#include "daemon/gateway.h"
#include "daemon/gateway/media_retention.h"
#include "daemon/http/api.h"
#include "daemon/heartbeats.h"
#include "daemon/http/server.h"
#include "daemon/instance_lock.h"
#include "daemon/media_probe/inspector.h"
#include "daemon/net/web_client.h"
#include "daemon/sandbox/server.h"
#include "daemon/service_notify.h"
#include "daemon/session/registry.h"
#include "daemon/store/media_files.h"
#include "daemon/store/store.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/io/asio_loop.h"
#include "daemon/wa/io/websocket.h"

namespace konekwa {
namespace {

constexpr Duration kHttpDrainMax = seconds(8);
constexpr Duration kSessionsCloseMax = seconds(5);
constexpr Duration kFlushMax = seconds(5);
constexpr Duration kOpenStoreMax = minutes(10);   // the schema may have to change, or a long WAL to be taken in
constexpr int kExitIoError = 74;   // EX_IOERR of sysexits.h

// After an I/O error nobody knows what is on the disk: the process ends at once, and the next one looks.
void end_for_restart(const Error& error) {
  log::error("store", "{}; the daemon ends, to be started again", error.text());
  std::_Exit(kExitIoError);
}

// Each connection is a descriptor, ours and WhatsApp's.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Beside this program where it was built; in ../libexec/konekwa where it is installed.
std::string media_probe_path() {
  constexpr const char* kName = "konekwa-media-probe";
  std::error_code failed;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  if (failed) return kName;
  const auto beside = folder / kName;
  const auto installed = folder.parent_path() / "libexec/konekwa" / kName;
  return std::filesystem::exists(beside, failed) ? beside.string() : installed.string();
}

Result<wa::Endpoint> endpoint_of(const Settings& settings, const sandbox::SandboxServer* sandbox) {
  if (settings.whatsapp_url.empty()) {
    if (settings.whatsapp_root_key.empty() && settings.whatsapp_ca_file.empty()) {
      return sandbox == nullptr ? wa::whatsapp_endpoint() : sandbox->endpoint();
    }
    return fail(
        Error(ErrorCode::INVALID_REQUEST, "--whatsapp-root-key and --whatsapp-ca-file need --whatsapp-url", ""));
  }
  wa::Endpoint endpoint = wa::whatsapp_endpoint();
  endpoint.url = settings.whatsapp_url;
  endpoint.ca_file = settings.whatsapp_ca_file;
  if (settings.whatsapp_root_key.empty()) return endpoint;
  const auto octets = from_hex(settings.whatsapp_root_key);
  const auto key = octets ? to_array<std::tuple_size_v<wa::Key>>(*octets) : std::nullopt;
  if (!key) return fail(Error(ErrorCode::INVALID_REQUEST, "--whatsapp-root-key must be 64 hex digits", ""));
  endpoint.root_key = *key;
  return endpoint;
}

Result<events::WebhookOptions> webhook_options(const Settings& settings) {
  events::WebhookOptions options;
  options.max_rate = settings.webhook_max_rate;
  options.retry_schedule = events::default_retry_schedule();
  if (settings.webhook_retry_schedule.empty()) return options;
  auto schedule = events::parse_retry_schedule(settings.webhook_retry_schedule);
  if (!schedule) return fail(Error(ErrorCode::INVALID_REQUEST, "--webhook-retry-schedule", schedule.error().text()));
  options.retry_schedule = std::move(*schedule);
  return options;
}

// Nothing is given up as long as the schedule may still try it.
events::EventRetention::Options event_retention(const Settings& settings, const events::WebhookOptions& webhooks) {
  events::EventRetention::Options options;
  options.events = settings.event_retention;
  options.dead = settings.failed_webhook_retention;
  Duration schedule{};
  for (const Duration wait : webhooks.retry_schedule) schedule += wait;
  options.overdue = std::max(options.overdue, schedule + schedule / 10);
  return options;
}

// Says "done" once, to whoever waits on another thread.
class Latch {
 public:
  std::function<void()> opener() const {
    return [promise = promise_] { promise->set_value(); };
  }
  bool wait(Duration limit) { return future_.wait_for(limit) == std::future_status::ready; }

 private:
  std::shared_ptr<std::promise<void>> promise_ = std::make_shared<std::promise<void>>();
  std::future<void> future_ = promise_->get_future();
};

}  // namespace

// The parts, in the order in which they are made.
class Daemon::Impl {
 public:
  Result<> start(const Settings& settings);
  void report();
  void stop();

 private:
  Result<> open_store(const Settings& settings);
  Result<> start_network(const Settings& settings);
  Result<> start_http(const Settings& settings);
  void watch_threads();
  std::string status();
  void stop_sessions();
  void flush_writer();
  void commit_nothing(store::DbWriter::Done done);

  std::vector<int> adopted_sockets_;
  std::string whatsapp_url_;   // that is in use
  Heartbeats heartbeats_;
  std::string last_status_;
  std::optional<InstanceLock> lock_;
  SystemRandom random_;
  std::unique_ptr<sandbox::SandboxServer> sandbox_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<wa::io::AsioLoop> loop_;
  std::unique_ptr<wa::io::Connector> connector_;
  std::unique_ptr<net::WebClient> web_, cdn_;
  std::unique_ptr<store::MediaFiles> media_files_;
  std::unique_ptr<media_probe::MediaInspector> media_inspector_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<events::WebhookDispatcher> dispatcher_;
  std::unique_ptr<events::EventFeed> feed_;
  std::unique_ptr<session::Registry> sessions_;
  std::unique_ptr<Worker> http_worker_;   // of files on their way from and to clients
  std::unique_ptr<MediaRetention> media_retention_;
  std::unique_ptr<events::EventRetention> event_retention_;
  std::thread net_thread_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<http::Application> api_;
  std::unique_ptr<http::HttpServer> http_;
};

Result<> Daemon::Impl::start(const Settings& settings) {
  auto sockets = service::take_sockets();
  if (!sockets) return fail(sockets.error());
  adopted_sockets_ = std::move(*sockets);
  raise_descriptor_limit();
  if (auto store = open_store(settings); !store) return store;
  if (auto network = start_network(settings); !network) return network;
  if (auto http = start_http(settings); !http) return http;
  watch_threads();
  log::info("konekwad", "ready, http://{}, unix://{}", http_->tcp_address(), http_->socket_path());
  last_status_ = status();
  service::ready(last_status_);
  return {};
}

Result<> Daemon::Impl::open_store(const Settings& settings) {
  auto lock = InstanceLock::acquire(settings.data_dir);
  if (!lock) return fail(lock.error());
  lock_.emplace(std::move(*lock));
  service::extend_start(kOpenStoreMax, "opening the database");
  auto store = store::Store::open(settings.data_dir, end_for_restart);
  if (!store) return fail(store.error());
  store_ = std::move(*store);
  return {};
}

Result<> Daemon::Impl::start_network(const Settings& settings) {
  if (settings.sandbox) {
    sandbox::ServerOptions options;
    options.port = 0;
    options.state_dir = settings.data_dir + "/sandbox";
    auto started = sandbox::SandboxServer::start(std::move(options));
    if (!started) return fail(started.error());
    sandbox_ = std::move(*started);
    log::info("konekwad", "sandbox at {}", sandbox_->admin_url());
  }
  auto endpoint = endpoint_of(settings, sandbox_.get());
  if (!endpoint) return fail(endpoint.error());
  auto webhooks = webhook_options(settings);
  if (!webhooks) return fail(webhooks.error());

  loop_ = std::make_unique<wa::io::AsioLoop>();
  connector_ = wa::io::make_websocket_connector(*loop_);
  web_ = net::make_web_client(*loop_, settings.allow_url_hosts);
  const auto retention = event_retention(settings, *webhooks);
  dispatcher_ = std::make_unique<events::WebhookDispatcher>(*loop_, random_, store_->writer(), store_->readers(), *web_,
                                                            std::move(*webhooks));
  feed_ = std::make_unique<events::EventFeed>(store_->writer());
  session::Options options;
  whatsapp_url_ = endpoint->url;
  options.endpoint = std::move(*endpoint);
  options.whatsapp_version =
      settings.whatsapp_version.empty() ? to_string(wa::default_version()) : settings.whatsapp_version;
  options.restart_ramp = settings.restart_ramp;
  // WhatsApp names its media hosts over a verified connection; the simulated network is on loopback.
  cdn_ = net::make_web_client(*loop_, {"0.0.0.0/0", "::/0"});
  media_files_ = std::make_unique<store::MediaFiles>(settings.data_dir);
  media_files_->clear_temporary();
  media_inspector_ = media_probe::make_media_inspector(*loop_, media_probe_path());
  worker_ = make_worker_thread(*loop_);
  const session::MediaTools media{*web_, *cdn_, *media_inspector_, *media_files_, *worker_, {}};
  sessions_ = std::make_unique<session::Registry>(*loop_, random_, *connector_, media, store_->writer(),
                                                  store_->readers(), std::move(options));
  http_worker_ = make_worker_thread(*loop_);
  media_retention_ = std::make_unique<MediaRetention>(
      MediaRetention::Parts{*loop_, *http_worker_, store_->writer(), store_->readers(), *media_files_},
      MediaRetention::Options{settings.media_retention, settings.gateway.media_quota});
  event_retention_ = std::make_unique<events::EventRetention>(*loop_, store_->writer(), retention);
  net_thread_ = std::thread([this] { loop_->run(); });
  // The dispatcher listens to the writer, and so comes before the first commit.
  Latch started;
  loop_->post([this, open = started.opener()] {
    dispatcher_->start();
    sessions_->start();
    media_retention_->start();
    event_retention_->start();
    open();
  });
  return started.wait(kSessionsCloseMax) ? Result<>() : fail(ErrorCode::INTERNAL_ERROR, "the sessions do not start");
}

Result<> Daemon::Impl::start_http(const Settings& settings) {
  Gateway::Parts parts{*loop_, random_, store_->writer(), store_->readers(), *sessions_, *feed_,
                       *media_files_, *http_worker_, *web_, settings.gateway, settings.data_dir};
  if (sandbox_) parts.options.sandbox_admin_url = sandbox_->admin_url();
  parts.options.whatsapp_url = whatsapp_url_;
  gateway_ = std::make_unique<Gateway>(std::move(parts));
  auto api = http::make_api(*gateway_, *loop_, settings.rate_limits);
  if (!api) return fail(api.error());
  api_ = std::move(*api);
  http::ServerOptions options;
  options.listen = settings.listen;
  options.socket_path = settings.socket_path;
  options.adopted = adopted_sockets_;
  auto server = http::HttpServer::start(std::move(options), *api_, *loop_, random_);
  if (!server) return fail(server.error());
  http_ = std::move(*server);
  return {};
}

void Daemon::Impl::watch_threads() {
  heartbeats_.watch("net", [this](Task answer) { loop_->post(std::move(answer)); });
  heartbeats_.watch("http", [this](Task answer) { http_->roll_call(std::move(answer)); });
  heartbeats_.watch("db-writer", [this](Task answer) {
    // A disk that takes no writes is not the writer's fault, and a restart does not mend it.
    if (!store_->writer().is_healthy()) return answer();
    commit_nothing([answer](const Result<>& done) {
      if (done) answer();
    });
  });
  heartbeats_.beat();   // asks; whoever has answered by the first report is well
}

void Daemon::Impl::report() {
  const std::string silent = heartbeats_.silent();
  if (heartbeats_.beat()) {
    service::alive();
  } else {
    log::warn("konekwad", "no sign of life from the threads: {}", silent);
  }
  std::string text = status();
  if (text == last_status_) return;
  service::status(text);
  last_status_ = std::move(text);
}

std::string Daemon::Impl::status() {
  const auto totals = gateway_->totals();
  if (!totals) return "the database cannot be read: " + totals.error().text();
  std::int64_t sessions = 0, connected = 0;
  for (const auto& [word, count] : totals->sessions_by_status) {
    sessions += count;
    if (word == "CONNECTED") connected += count;
  }
  return fmt::format("{}{} of {} sessions connected, {} messages waiting",
                     totals->is_storage_healthy ? "" : "the disk takes no writes; ", connected, sessions,
                     totals->messages_waiting);
}

void Daemon::Impl::stop() {
  service::stopping();
  if (http_) http_->stop(kHttpDrainMax);
  if (net_thread_.joinable()) {
    stop_sessions();
    flush_writer();
    loop_->stop();
    net_thread_.join();
  }
  // What may still hold an answer for a client goes before the server that it belongs to.
  http_worker_.reset();
  media_retention_.reset();
  event_retention_.reset();
  sessions_.reset();
  dispatcher_.reset();
  worker_.reset();
  media_inspector_.reset();
  cdn_.reset();
  web_.reset();
  connector_.reset();
  flush_writer();
  http_.reset();
  api_.reset();
  gateway_.reset();
  loop_.reset();
  store_.reset();
  sandbox_.reset();
  lock_.reset();
}

void Daemon::Impl::stop_sessions() {
  Latch stopped;
  loop_->post([this, open = stopped.opener()] {
    media_retention_->stop();
    event_retention_->stop();
    dispatcher_->stop();
    sessions_->stop(open);
  });
  if (!stopped.wait(kSessionsCloseMax)) log::warn("konekwad", "some sessions did not close in time");
}

// Batches become durable in order: when an empty one is done, so are all before it.
void Daemon::Impl::flush_writer() {
  if (!store_) return;
  Latch flushed;
  commit_nothing([open = flushed.opener()](const Result<>&) { open(); });
  if (!flushed.wait(kFlushMax)) log::warn("konekwad", "the database did not take everything in time");
}

void Daemon::Impl::commit_nothing(store::DbWriter::Done done) {
  store::WriteBatch nothing;
  nothing.run([](store::Database&) {});
  store_->writer().commit(std::move(nothing), std::move(done));
}

Result<std::unique_ptr<Daemon>> Daemon::start(const Settings& settings) {
  auto daemon = std::unique_ptr<Daemon>(new Daemon);
  daemon->impl_ = std::make_unique<Impl>();
  if (auto started = daemon->impl_->start(settings); !started) return fail(started.error());
  return daemon;
}

Daemon::~Daemon() { stop(); }

void Daemon::report() { impl_->report(); }

void Daemon::stop() {
  if (!impl_) return;
  impl_->stop();
  impl_.reset();
}

}  // namespace konekwa
