#include "daemon/session/committer.h"

namespace konekwa::session {

Committer::Committer(Loop& loop, store::DbWriter& writer, std::function<void(Error)> on_failure)
    : loop_(loop), writer_(writer), on_failure_(std::move(on_failure)) {}

void Committer::commit(store::WriteBatch batch, Task then) {
  if (failed_) return;
  ++under_way_;
  auto back = alive_.guard([this, then = std::move(then)](Result<> result) { finished(std::move(result), then); });
  writer_.commit(std::move(batch), [&loop = loop_, back = std::move(back)](Result<> result) {
    loop.post([back, result = std::move(result)] { back(result); });
  });
}

void Committer::after_all(Task then) {
  if (under_way_ == 0) {
    then();
    return;
  }
  commit({}, std::move(then));
}

void Committer::finished(Result<> result, const Task& then) {
  --under_way_;
  if (failed_) return;
  if (!result) {
    failed_ = true;
    on_failure_(result.error());  // may destroy this
    return;
  }
  if (then) then();
}

}  // namespace konekwa::session
