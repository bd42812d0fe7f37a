// What a session knows of addresses: which LID and which phone number are one account, and which devices an account
// has. Read through to durable rows; changes are taken along with the next commit.
//
// A peer has one ratchet a device, under its LID as soon as that is known, whatever address a stanza used: two
// ratchets for one device would corrupt each other.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/time.h"
#include "daemon/store/store.h"
#include "daemon/wa/jid.h"

namespace konekwa::wa {
class SignalState;
}

namespace konekwa::session {

class AddressBook {
 public:
  AddressBook(std::string session, store::Readers& readers, wa::SignalState& signal);

  std::optional<wa::Jid> lid_of(const wa::Jid& pn);         // both without device
  std::optional<wa::Jid> pn_of(const wa::Jid& lid);
  wa::Jid canonical(const wa::Jid& jid);                    // with its device: LID when known, else as given
  wa::Jid phone_form(const wa::Jid& jid);                   // the phone number when known, else as given; no device

  // Two addresses are one account. Ratchets under the number move to the LID, device by device.
  void learn(const wa::Jid& a, const wa::Jid& b);

  // By canonical user. Nothing: ask the server.
  std::optional<std::vector<std::uint16_t>> devices(const wa::Jid& user);
  void set_devices(const wa::Jid& user, std::vector<std::uint16_t> ids);
  void forget_devices(const wa::Jid& user);

  void take_changes(store::WriteBatch& batch, Time now);
  void forget_clean();                                      // everything taken is durable: keep nothing in memory

 private:
  struct List {
    std::optional<std::vector<std::uint16_t>> ids;
    bool is_dirty = false;
  };
  struct Mapping {
    std::string lid, pn;
  };
  std::string key(const wa::Jid& user) { return to_string(canonical(user.user_jid())); }

  std::string session_;
  store::Readers& readers_;
  wa::SignalState& signal_;
  std::map<std::string, std::string> lid_by_pn_, pn_by_lid_;
  std::vector<Mapping> new_mappings_;
  std::map<std::string, List> lists_;
};

}  // namespace konekwa::session
