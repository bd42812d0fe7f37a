// The row of one session, as the session itself reads and writes it: how it is to connect, and what became of that.
// What is put into a batch goes with its events. On the loop; owned by the session.
#pragma once

#include <optional>
#include <string>

#include "daemon/session/ending.h"
#include "daemon/session/environment.h"
#include "daemon/store/sessions.h"
#include "daemon/wa/linking.h"

namespace konekwa::session {

class OwnRow {
 public:
  OwnRow(std::string id, const Environment& env) : id_(std::move(id)), env_(env) {}

  Result<std::optional<store::SessionRow>> read() const;    // nothing: it was deleted
  wa::Endpoint endpoint_of(const store::SessionRow& row, bool is_linked) const;

  void put_status(store::WriteBatch& batch, store::SessionStatus status, const std::string& reason, int wa_code) const;
  void put_code(store::WriteBatch& batch, const QrCode& code) const;
  void put_linked(store::WriteBatch& batch, const wa::PairSuccess& success, const wa::Endpoint& endpoint) const;
  void put_ban(store::WriteBatch& batch, const Ending& ending) const;

 private:
  const std::string id_;
  const Environment& env_;
};

}  // namespace konekwa::session
