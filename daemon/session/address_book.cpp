#include "daemon/session/address_book.h"

#include "daemon/store/devices.h"
#include "daemon/wa/signal/signal_state.h"

namespace konekwa::session {
namespace {

// A read that fails is answered like a miss: the server is asked instead, and the next commit meets the same disk.
template <class T>
std::optional<T> found(Result<std::optional<T>> result) {
  return result ? std::move(*result) : std::nullopt;
}

}  // namespace

AddressBook::AddressBook(std::string session, store::Readers& readers, wa::SignalState& signal)
    : session_(std::move(session)), readers_(readers), signal_(signal) {}

std::optional<wa::Jid> AddressBook::lid_of(const wa::Jid& pn) {
  if (const auto it = lid_by_pn_.find(pn.user); it != lid_by_pn_.end()) return wa::Jid::lid(it->second);
  const auto row = found(readers_.get<std::optional<std::string>>(
      [&](store::Database& db) { return store::devices::lid_of(db, session_, pn.user); }));
  if (!row) return std::nullopt;
  lid_by_pn_[pn.user] = *row;
  return wa::Jid::lid(*row);
}

std::optional<wa::Jid> AddressBook::pn_of(const wa::Jid& lid) {
  if (const auto it = pn_by_lid_.find(lid.user); it != pn_by_lid_.end()) return wa::Jid::pn(it->second);
  const auto row = found(readers_.get<std::optional<std::string>>(
      [&](store::Database& db) { return store::devices::pn_of(db, session_, lid.user); }));
  if (!row) return std::nullopt;
  pn_by_lid_[lid.user] = *row;
  return wa::Jid::pn(*row);
}

wa::Jid AddressBook::canonical(const wa::Jid& jid) {
  if (jid.server != wa::Server::Pn || jid.is_server()) return jid;
  const auto lid = lid_of(jid.user_jid());
  return lid ? lid->with_device(jid.device) : jid;
}

wa::Jid AddressBook::phone_form(const wa::Jid& jid) {
  if (jid.server != wa::Server::Lid) return jid.user_jid();
  return pn_of(jid.user_jid()).value_or(jid.user_jid());
}

void AddressBook::learn(const wa::Jid& a, const wa::Jid& b) {
  const wa::Jid& lid = a.server == wa::Server::Lid ? a : b;
  const wa::Jid& pn = a.server == wa::Server::Lid ? b : a;
  if (lid.server != wa::Server::Lid || pn.server != wa::Server::Pn || lid.is_server() || pn.is_server()) return;
  if (const auto known = lid_of(pn.user_jid()); known && known->user == lid.user) return;

  const auto under_number = devices(pn.user_jid());  // read before the number means the LID
  lid_by_pn_[pn.user] = lid.user;
  pn_by_lid_[lid.user] = pn.user;
  new_mappings_.push_back({lid.user, pn.user});

  std::vector<std::uint16_t> ids = under_number.value_or(std::vector<std::uint16_t>{});
  for (const std::uint16_t id : {std::uint16_t{0}, a.device, b.device}) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  for (const std::uint16_t id : ids) {
    signal_.migrate(wa::Jid::pn(pn.user, id), wa::Jid::lid(lid.user, id));
  }
}

std::optional<std::vector<std::uint16_t>> AddressBook::devices(const wa::Jid& user) {
  const std::string name = key(user);
  if (const auto it = lists_.find(name); it != lists_.end()) return it->second.ids;
  auto row = found(readers_.get<std::optional<std::vector<std::uint16_t>>>(
      [&](store::Database& db) { return store::devices::find_list(db, session_, name); }));
  if (row) lists_[name] = {row, false};
  return row;
}

void AddressBook::set_devices(const wa::Jid& user, std::vector<std::uint16_t> ids) {
  lists_[key(user)] = {std::move(ids), true};
}

void AddressBook::forget_devices(const wa::Jid& user) { lists_[key(user)] = {std::nullopt, true}; }

void AddressBook::take_changes(store::WriteBatch& batch, Time now) {
  for (const Mapping& mapping : new_mappings_) {
    batch.run([session = session_, mapping](store::Database& db) {
      store::devices::put_lid(db, session, mapping.lid, mapping.pn);
    });
  }
  new_mappings_.clear();
  for (auto& [name, list] : lists_) {
    if (!list.is_dirty) continue;
    list.is_dirty = false;
    batch.run([session = session_, user = name, ids = list.ids, now](store::Database& db) {
      if (ids) {
        store::devices::put_list(db, session, user, *ids, now);
      } else {
        store::devices::erase_list(db, session, user);
      }
    });
  }
}

void AddressBook::forget_clean() {
  std::erase_if(lists_, [](const auto& entry) { return !entry.second.is_dirty; });
  if (!new_mappings_.empty()) return;
  lid_by_pn_.clear();
  pn_by_lid_.clear();
}

}  // namespace konekwa::session
