// Our own device as WhatsApp knows it: its row, its Signal end, its address book and its groups. One object a session,
// alive over reconnects; thrown away and read anew when a commit failed.
#pragma once

#include <memory>
#include <string>

#include "daemon/session/address_book.h"
#include "daemon/session/group_book.h"
#include "daemon/store/devices.h"
#include "daemon/store/store.h"
#include "daemon/wa/signal/signal_state.h"

namespace konekwa::session {

class Device {
 public:
  // The stored device, or a fresh unlinked one (not stored yet: save() puts it into a batch).
  static Result<std::unique_ptr<Device>> load(const std::string& session, store::Readers& readers, Random& random);

  bool is_linked() const { return !row.jid.empty(); }
  wa::Jid jid() const;                     // PN with device; linked only
  wa::Jid lid() const;                     // LID with device
  bool is_own_user(const wa::Jid& user) const;
  wa::KeyPair noise_key() const;

  void save(store::WriteBatch& batch) const;
  // Ratchets, keys, mappings, lists and groups that changed since the last call.
  void take_changes(store::WriteBatch& batch, Time now);
  void forget_clean();                     // only when no commit is under way

  store::DeviceRow row;
  wa::SignalState& signal() { return *signal_; }
  AddressBook& addresses() { return *addresses_; }
  GroupBook& groups() { return *groups_; }

 private:
  Device() = default;
  std::unique_ptr<wa::SignalRows> rows_;
  std::unique_ptr<wa::SignalState> signal_;
  std::unique_ptr<AddressBook> addresses_;
  std::unique_ptr<GroupBook> groups_;
};

}  // namespace konekwa::session
