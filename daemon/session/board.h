// What is true of sessions now and not worth a row, for other threads to read: the code on show, and who is connected.
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
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace konekwa::session
