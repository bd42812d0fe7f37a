// Keeps the server supplied with our one-time prekeys, so that people can begin to write to us, and checks by the
// digest that it holds what we hold. New prekeys are durable before they are uploaded; ids are never used twice.
#pragma once

#include <functional>

#include "common/alive.h"
#include "daemon/session/link.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {

class PrekeyKeeper {
 public:
  explicit PrekeyKeeper(const Link& link) : link_(link) {}

  // At login: asks for the count and uploads when it is low. `done` in any case; a failure is logged.
  void ensure(Task done);
  void on_count(int count);               // the server says that few are left
  void check_digest();                    // uploads anew when the server holds something else
  wa::RetryKeys keys_for_retry(store::WriteBatch& batch);   // one fresh prekey, for one retry receipt

 private:
  std::vector<wa::PreKey> generate(std::size_t count, store::WriteBatch& batch);
  void upload(std::size_t count, Task done);

  const Link& link_;
  bool is_uploading_ = false;
  Alive alive_;
};

}  // namespace konekwa::session
