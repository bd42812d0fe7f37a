#include "daemon/wa/signal/signal_records.h"

namespace konekwa::wa {

void SignalRecords::put(SignalRow::Kind kind, const std::string& key, Bytes value) {
  const Bytes* present = find(kind, key);
  if (present && *present == value) return;
  change({kind, key}, std::move(value));
}

void SignalRecords::remove(SignalRow::Kind kind, const std::string& key) {
  if (find(kind, key)) change({kind, key}, std::nullopt);
}

void SignalRecords::change(Id id, std::optional<Bytes> value) {
  if (has_draft_) {
    draft_[std::move(id)] = std::move(value);
    return;
  }
  dirty_.insert(id);
  values_[std::move(id)] = std::move(value);
}

const Bytes* SignalRecords::find(SignalRow::Kind kind, const std::string& key) const {
  const Id id(kind, key);
  const auto value_of = [](const std::optional<Bytes>& value) { return value ? &*value : nullptr; };
  if (has_draft_) {
    if (const auto found = draft_.find(id); found != draft_.end()) return value_of(found->second);
  }
  if (const auto found = values_.find(id); found != values_.end()) return value_of(found->second);
  if (!rows_) return nullptr;
  std::optional<Bytes> durable = rows_->find(kind, key);
  // A miss is not remembered: it would cost memory for every stranger that writes to us.
  if (!durable) return nullptr;
  return value_of(values_.emplace(id, std::move(durable)).first->second);
}

void SignalRecords::begin_draft() {
  KONEKWA_ASSERT(!has_draft_);
  has_draft_ = true;
}

void SignalRecords::keep_draft() {
  KONEKWA_ASSERT(has_draft_);
  has_draft_ = false;
  for (auto& [id, value] : std::exchange(draft_, {})) change(id, std::move(value));
}

void SignalRecords::drop_draft() {
  KONEKWA_ASSERT(has_draft_);
  has_draft_ = false;
  draft_.clear();
}

std::vector<SignalRow> SignalRecords::take_changes() {
  std::vector<SignalRow> changes;
  changes.reserve(dirty_.size());
  for (const Id& id : dirty_) {
    const auto found = values_.find(id);
    changes.push_back({id.first, id.second, found->second});
    // With rows, a deletion is remembered until forget_clean(): the durable row may still be there.
    if (!rows_ && !found->second) values_.erase(found);
  }
  dirty_.clear();
  return changes;
}

void SignalRecords::forget_clean() {
  if (!rows_) return;
  std::erase_if(values_, [&](const auto& entry) { return !dirty_.contains(entry.first); });
}

}  // namespace konekwa::wa
