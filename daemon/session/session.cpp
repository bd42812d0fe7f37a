#include "daemon/session/session.h"

#include "common/log.h"
#include "daemon/session/version_keeper.h"

namespace konekwa::session {
namespace {

using store::SessionStatus;

constexpr int kQrWindowsMax = 3;
constexpr Duration kStorageRetry = seconds(5), kOutdatedRetry = hours(1);

}  // namespace

Session::Session(std::string id, const Environment& env, Board& board)
    : id_(std::move(id)), env_(env), board_(board), row_(id_, env), backoff_(env.random) {}

Session::~Session() { board_.erase(id_); }

void Session::start(bool quiet) {
  if (is_wanted_ && (online_ || pairing_ || reconnect_.is_pending())) return;
  is_wanted_ = true;
  codes_shown_ = 0;
  windows_ = 0;
  if (commits_ && commits_->has_failed()) {   // what was in memory is not on the disk
    device_.reset();
    commits_.reset();
  }
  if (!device_ && !load()) return;
  if (!quiet) set_status(SessionStatus::CONNECTING, "");
  // The keys that a phone will vouch for must be on disk before anybody sees them.
  store::WriteBatch batch;
  if (!device_->is_linked()) device_->save(batch);
  commits_->commit(std::move(batch), [this] { connect(); });
}

bool Session::load() {
  commits_ = std::make_unique<Committer>(env_.loop, env_.writer,
                                         [this](const Error& why) { begin_again_from_disk(why); });
  const auto row = row_.read();
  auto device = Device::load(id_, env_.readers, env_.random);
  if (!row || !device) {
    begin_again_from_disk(row ? device.error() : row.error());
    return false;
  }
  if (!row->has_value()) return false;  // deleted meanwhile
  device_ = std::move(*device);
  endpoint_ = row_.endpoint_of(**row, device_->is_linked());
  switches_ = {(*row)->auto_read, (*row)->auto_typing};
  return true;
}

// Memory is ahead of the disk: forget it. Nothing of it has reached the wire, because commits come first.
void Session::begin_again_from_disk(const Error& why) {
  log::error("session", "{}: the storage refused a commit, beginning again from it: {}", id_, why.text());
  drop_connection();
  reconnect_ = env_.loop.after(kStorageRetry, [this] {
    reconnect_.reset();
    device_.reset();
    commits_.reset();
    if (is_wanted_ && load()) connect();
  });
}

void Session::connect() {
  if (!is_wanted_ || online_ || pairing_) return;
  reconnect_.reset();
  version_in_use_ = env_.version.present();
  if (device_->is_linked()) {
    online_ = std::make_unique<Online>(id_, env_, *commits_, *device_, endpoint_, switches_,
                                       static_cast<Online::Owner&>(*this));
  } else {
    pairing_ = std::make_unique<Pairing>(id_, env_, *commits_, *device_, endpoint_, codes_shown_,
                                         static_cast<Pairing::Owner&>(*this));
  }
}

void Session::connect_after(Duration wait) {
  reconnect_ = env_.loop.after(wait, [this] {
    reconnect_.reset();
    connect();
  });
}

void Session::stop() {
  is_wanted_ = false;
  reconnect_.reset();
  drop_connection();
  if (!commits_ && !load()) return;
  set_status(SessionStatus::DISCONNECTED, "USER_REQUEST");
}

void Session::halt(Task done) {
  is_wanted_ = false;
  reconnect_.reset();
  drop_connection();
  if (!commits_) return done();
  commits_->after_all(std::move(done));
}

void Session::restart_qr() {
  is_wanted_ = false;
  reconnect_.reset();
  drop_connection();
  start(false);
}

void Session::apply_settings() {
  const auto row = row_.read();
  if (row && *row) switches_ = {(*row)->auto_read, (*row)->auto_typing};
}

void Session::reconnect() {
  if (!is_wanted_ || !device_ || commits_->has_failed()) return;
  const auto row = row_.read();
  if (!row || !row->has_value()) return;
  endpoint_.proxy_url = (*row)->proxy_url;
  drop_connection();
  connect_after(Duration(0));
}

void Session::log_out(std::function<void(bool is_told)> done) {
  is_wanted_ = false;
  reconnect_.reset();
  const auto finish = [this, done = std::move(done)](bool is_told) {
    drop_connection();
    env_.loop.post([done, is_told] { done(is_told); });  // it destroys this session
  };
  const bool is_possible = online_ && board_.is_connected(id_);
  is_possible ? online_->log_out(finish) : finish(false);
}

void Session::drop_connection() {
  board_.set_connected(id_, false);
  board_.hide_code(id_);
  // They may be on the stack below: they end now, and are destroyed when the stack is gone.
  std::shared_ptr<Online> online = std::move(online_);
  std::shared_ptr<Pairing> pairing = std::move(pairing_);
  if (online) online->detach();
  if (pairing) pairing->detach();
  if (online || pairing) env_.loop.post([online, pairing] {});
}

void Session::on_logged_in() {
  backoff_.connected(env_.loop.now());
  board_.set_connected(id_, true);
  set_status(SessionStatus::CONNECTED, "");
}

void Session::on_code(const QrCode& code) {
  codes_shown_ = code.sequence;
  board_.show(id_, code);
  store::WriteBatch batch;
  row_.put_code(batch, code);
  commits_->commit(std::move(batch));
}

void Session::on_passkey_required() {
  board_.hide_code(id_);
  set_status(SessionStatus::PASSKEY_REQUIRED, "");
}

void Session::on_codes_used_up() { is_window_over_ = true; }

void Session::on_linking(store::WriteBatch& batch, const wa::PairSuccess& success) {
  board_.hide_code(id_);
  row_.put_linked(batch, success, endpoint_);
}

void Session::on_ended(Ending ending) {
  const bool is_window_over = std::exchange(is_window_over_, false);
  backoff_.disconnected(env_.loop.now());
  drop_connection();
  if (!is_wanted_) return;
  if (is_window_over) {
    if (++windows_ < kQrWindowsMax) return connect_after(Duration(0));
    is_wanted_ = false;
    return set_status(SessionStatus::DISCONNECTED, "QR_TIMEOUT");
  }
  log::info("session", "{}: connection ended: {}", id_, ending.text);
  switch (ending.next) {
    case Ending::Next::ReconnectNow:
      return connect_after(Duration(0));
    case Ending::Next::Reconnect:
      set_status(ending.status, ending.reason, ending.wa_code);
      return connect_after(backoff_.next(ending.backoff_steps));
    case Ending::Next::Wait: {
      store::WriteBatch batch;
      row_.put_ban(batch, ending);
      row_.put_status(batch, ending.status, ending.reason, ending.wa_code);
      commits_->commit(std::move(batch));
      return connect_after(ending.wait);
    }
    case Ending::Next::RefreshVersion:
      return refresh_version(std::move(ending));
    case Ending::Next::Stop:
      is_wanted_ = false;
      return set_status(ending.status, ending.reason, ending.wa_code);
  }
}

void Session::refresh_version(Ending ending) {
  env_.version.refresh(endpoint_, version_in_use_, alive_.guard([this, ending = std::move(ending)](bool is_newer) {
    if (!is_wanted_ || online_ || pairing_) return;
    if (is_newer) return connect();
    set_status(SessionStatus::CLIENT_OUTDATED, ending.reason, ending.wa_code);
    connect_after(kOutdatedRetry);
  }));
}

void Session::set_status(SessionStatus status, const std::string& reason, int wa_code) {
  store::WriteBatch batch;
  row_.put_status(batch, status, reason, wa_code);
  commits_->commit(std::move(batch));
}

}  // namespace konekwa::session
