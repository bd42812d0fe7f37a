// What is true of sessions now and not worth a row, for other threads to read: the code on show, who is connected, and
// when WhatsApp was last heard.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/session/registry.h"

namespace konekwa::session {

class Board {
 public:
  void show(const std::string& session, const QrCode& code) {
    const std::lock_guard lock(mutex_);
    entries_[session].qr = code;
  }
  void hide_code(const std::string& session) {
    const std::lock_guard lock(mutex_);
    if (const auto it = entries_.find(session); it != entries_.end()) it->second.qr.reset();
  }
  void set_connected(const std::string& session, bool connected) {
    const std::lock_guard lock(mutex_);
    entries_[session].is_connected = connected;
  }
  void note_heard(const std::string& session, Time at, bool is_ack) {
    const std::lock_guard lock(mutex_);
    Liveness& liveness = entries_[session].liveness;
    (is_ack ? liveness.last_ack_at : liveness.last_frame_at) = at;
  }
  Liveness liveness(const std::string& session) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(session);
    return it == entries_.end() ? Liveness{} : it->second.liveness;
  }
  void erase(const std::string& session) {
    const std::lock_guard lock(mutex_);
    entries_.erase(session);
  }
  std::optional<QrCode> code(const std::string& session) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(session);
    return it == entries_.end() ? std::nullopt : it->second.qr;
  }
  bool is_connected(const std::string& session) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(session);
    return it != entries_.end() && it->second.is_connected;
  }

 private:
  struct Entry {
    std::optional<QrCode> qr;
    bool is_connected = false;
    Liveness liveness;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace konekwa::session
