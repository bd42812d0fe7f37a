// The rows behind one SignalState: read through to what is durable, changed in memory, and handed over once.
//
// Each operation of libsignal works on a draft that is kept or thrown away as a whole: whatever was written before a
// failure, a failed operation leaves nothing to store.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/wa/signal/signal_state.h"

namespace konekwa::wa {

class SignalRecords {
 public:
  explicit SignalRecords(const SignalRows* rows) : rows_(rows) {}

  // Outside of a draft, a change is final at once. A change to what is there already is none.
  void put(SignalRow::Kind kind, const std::string& key, Bytes value);
  void remove(SignalRow::Kind kind, const std::string& key);
  const Bytes* find(SignalRow::Kind kind, const std::string& key) const;  // valid until the next change of this row

  void begin_draft();
  void keep_draft();
  void drop_draft();

  std::vector<SignalRow> take_changes();  // ordered by kind and key
  void forget_clean();                    // does nothing when there are no rows to read from

 private:
  using Id = std::pair<SignalRow::Kind, std::string>;
  using Values = std::map<Id, std::optional<Bytes>>;  // nothing: known to be deleted

  void change(Id id, std::optional<Bytes> value);

  const SignalRows* rows_;
  mutable Values values_;
  Values draft_;
  bool has_draft_ = false;
  std::set<Id> dirty_;
};

}  // namespace konekwa::wa
