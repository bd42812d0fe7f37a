#include "daemon/session/registry.h"

#include <map>

#include "common/log.h"
#include "daemon/events/event_log.h"
#include "daemon/session/board.h"
#include "daemon/session/environment.h"
#include "daemon/session/schedule.h"
#include "daemon/session/session.h"
#include "daemon/session/version_keeper.h"
#include "daemon/store/sessions.h"

namespace konekwa::session {

class Registry::Impl : public std::enable_shared_from_this<Registry::Impl> {
 public:
  Impl(Loop& loop, Random& random, wa::io::Connector& connector, MediaTools media, store::DbWriter& writer,
       store::Readers& readers, Options options)
      : options_(std::move(options)),
        media_(media),
        version_(loop, media_.web, writer, readers,
                 wa::Version::parse(options_.whatsapp_version).value_or(wa::default_version())),
        env_{loop, random, connector, writer, readers, version_, media_, options_},
        schedule_(env_, [this](const std::string& id) {
          if (const auto it = sessions_.find(id); it != sessions_.end()) it->second->wake_from_start();
        }) {}

  void start();
  void stop(Task done);
  void connect(const std::string& id) {
    if (!is_stopping_) session(id).start(false);
  }
  void disconnect(const std::string& id) { session(id).stop(); }
  void wake(const std::string& id) {
    if (const auto it = sessions_.find(id); it != sessions_.end()) it->second->wake();
  }
  void restart_qr(const std::string& id) {
    if (!is_stopping_) session(id).restart_qr();
  }
  void reconnect(const std::string& id) {
    if (const auto it = sessions_.find(id); it != sessions_.end()) it->second->reconnect();
  }
  void apply_settings(const std::string& id) {
    if (const auto it = sessions_.find(id); it != sessions_.end()) it->second->apply_settings();
  }
  void remove(const std::string& id, LoggedOut done);
  void reset(const std::string& id, LoggedOut done);
  void refresh_groups(const std::string& id, const std::string& group, std::function<void(Result<>)> done);
  void reschedule() { schedule_.look_again(); }

  // Runs `verb` on the loop, unless the registry is gone by then.
  template <class Verb>
  void post(Verb verb) {
    env_.loop.post([weak = weak_from_this(), verb = std::move(verb)] {
      if (const auto self = weak.lock()) verb(*self);
    });
  }

  Board board_;

 private:
  Session& session(const std::string& id) {
    auto& entry = sessions_[id];
    if (!entry) entry = std::make_unique<Session>(id, env_, board_);
    return *entry;
  }
  void connect_next();
  // Logs out if that can be done, then forgets the session in memory; `then` on the loop.
  void log_out(const std::string& id, std::function<void(bool is_told)> then);

  Options options_;
  MediaTools media_;
  VersionKeeper version_;
  Environment env_;
  Schedule schedule_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
  std::deque<std::string> to_connect_;
  Timer ramp_;
  bool is_stopping_ = false;
};

void Registry::Impl::start() {
  auto ids = env_.readers.get<std::vector<std::string>>(
      [](store::Database& db) { return store::sessions::ids_to_connect(db); });
  if (!ids) {
    log::error("session", "the sessions cannot be read: {}", ids.error().text());
    return;
  }
  // What the run before left as connected is not, until it is again.
  store::WriteBatch batch;
  batch.run([ids = *ids, now = env_.loop.now()](store::Database& db) {
    for (const std::string& id : ids) {
      const auto row = store::sessions::find(db, id);
      using enum store::SessionStatus;
      if (!row || (row->status != CONNECTED && row->status != CONNECTING && row->status != WAITING_QR &&
                   row->status != PASSKEY_REQUIRED)) {
        continue;
      }
      store::sessions::set_status(db, id, DISCONNECTED, "SERVER_RESTART", now);
    }
  });
  to_connect_.assign(ids->begin(), ids->end());
  schedule_.start();
  env_.writer.commit(std::move(batch), [weak = weak_from_this(), &loop = env_.loop](const Result<>&) {
    loop.post([weak] {
      if (const auto self = weak.lock()) self->connect_next();
    });
  });
}

// One at a time, `restart_ramp` a second: a restart with thousands of sessions is no stampede.
void Registry::Impl::connect_next() {
  if (to_connect_.empty() || is_stopping_) return;
  const std::string id = std::move(to_connect_.front());
  to_connect_.pop_front();
  session(id).start(true);
  ramp_ = env_.loop.after(Duration(1000 / std::clamp(options_.restart_ramp, 1, 1000)), [this] { connect_next(); });
}

void Registry::Impl::stop(Task done) {
  is_stopping_ = true;
  schedule_.stop();
  ramp_.reset();
  to_connect_.clear();
  const auto waiting = std::make_shared<std::size_t>(sessions_.size() + 1);
  const Task one_less = [waiting, done = std::move(done)] {
    if (--*waiting == 0) done();
  };
  for (auto& [id, session] : sessions_) session->halt(one_less);
  one_less();
}

void Registry::Impl::log_out(const std::string& id, std::function<void(bool is_told)> then) {
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) return then(false);
  // Posted, because the session is destroyed there.
  it->second->log_out([weak = weak_from_this(), &loop = env_.loop, id, then = std::move(then)](bool is_told) {
    loop.post([weak, id, then, is_told] {
      const auto self = weak.lock();
      if (!self) return;
      self->sessions_.erase(id);
      then(is_told);
    });
  });
}

void Registry::Impl::remove(const std::string& id, LoggedOut done) {
  log_out(id, [this, id, done = std::move(done)](bool is_told) {
    store::WriteBatch batch;
    batch.run([id](store::Database& db) { store::sessions::erase(db, id); });
    env_.writer.commit(std::move(batch), [done, is_told](Result<> erased) {
      done(erased ? Result<bool>(is_told) : fail(erased.error()));
    });
  });
}

void Registry::Impl::reset(const std::string& id, LoggedOut done) {
  log_out(id, [this, id, done = std::move(done)](bool is_told) {
    store::WriteBatch batch;
    batch.run([id, now = env_.loop.now(), &random = env_.random](store::Database& db) {
      store::sessions::unlink(db, id);
      store::sessions::set_wants_connection(db, id, true);
      events::change_status(db, id, store::SessionStatus::CONNECTING, "", 0, now, random);
    });
    auto unlinked = [weak = weak_from_this(), &loop = env_.loop, id, done, is_told](Result<> result) {
      if (!result) return done(fail(result.error()));
      loop.post([weak, id] {
        if (const auto self = weak.lock()) self->connect(id);
      });
      done(is_told);
    };
    env_.writer.commit(std::move(batch), std::move(unlinked));
  });
}

void Registry::Impl::refresh_groups(const std::string& id, const std::string& group,
                                    std::function<void(Result<>)> done) {
  const auto it = sessions_.find(id);
  Online* online = it == sessions_.end() ? nullptr : it->second->online();
  if (online == nullptr) return done({});
  online->refresh_groups(group, [this, done = std::move(done)](const Result<>& asked) {
    // Batches become durable in order: when this one is, the answer is.
    env_.writer.commit({}, [asked, done](const Result<>& durable) { done(durable ? asked : durable); });
  });
}

Registry::Registry(Loop& loop, Random& random, wa::io::Connector& connector, MediaTools media, store::DbWriter& writer,
                   store::Readers& readers, Options options)
    : impl_(std::make_shared<Impl>(loop, random, connector, media, writer, readers, std::move(options))) {}

Registry::~Registry() = default;

void Registry::start() { impl_->start(); }
void Registry::stop(std::function<void()> done) { impl_->stop(std::move(done)); }

void Registry::connect(const std::string& session) {
  impl_->post([session](Impl& impl) { impl.connect(session); });
}
void Registry::disconnect(const std::string& session) {
  impl_->post([session](Impl& impl) { impl.disconnect(session); });
}
void Registry::restart_qr(const std::string& session) {
  impl_->post([session](Impl& impl) { impl.restart_qr(session); });
}
void Registry::reconnect(const std::string& session) {
  impl_->post([session](Impl& impl) { impl.reconnect(session); });
}
void Registry::apply_settings(const std::string& session) {
  impl_->post([session](Impl& impl) { impl.apply_settings(session); });
}
void Registry::remove(const std::string& session, LoggedOut done) {
  impl_->post([session, done = std::move(done)](Impl& impl) { impl.remove(session, done); });
}
void Registry::reset(const std::string& session, LoggedOut done) {
  impl_->post([session, done = std::move(done)](Impl& impl) { impl.reset(session, done); });
}
void Registry::reschedule() {
  impl_->post([](Impl& impl) { impl.reschedule(); });
}
void Registry::wake(const std::string& session) {
  impl_->post([session](Impl& impl) { impl.wake(session); });
}

void Registry::refresh_groups(const std::string& session, const std::string& group,
                              std::function<void(Result<>)> done) {
  impl_->post([session, group, done = std::move(done)](Impl& impl) { impl.refresh_groups(session, group, done); });
}

std::optional<QrCode> Registry::qr(const std::string& session) const { return impl_->board_.code(session); }
bool Registry::is_connected(const std::string& session) const { return impl_->board_.is_connected(session); }
Liveness Registry::liveness(const std::string& session) const { return impl_->board_.liveness(session); }

}  // namespace konekwa::session
