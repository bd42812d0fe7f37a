// The accounts of the simulated network and their devices. Device 0 is the phone. Plain data, kept in the state file,
// and the ways to find it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/sandbox/key_stock.h"
#include "daemon/sandbox/mailbox.h"
#include "daemon/sandbox/phone_record.h"

namespace konekwa::sandbox {

struct Device {
  std::uint16_t id = 0;
  std::uint32_t key_index = 0;
  wa::Key noise_public{};          // companions only
  KeyStock keys;
  Bytes device_identity;           // ADVSignedDeviceIdentity, complete; companions only
  Time linked_at{};
  Time heard_of_devices_at{};      // when it last took news of somebody's devices; not kept
  bool is_welcomed = false;        // has got app-state keys and history
  std::set<std::string> wanted_again;  // "LID id": messages that it could not decrypt; at most kWantedAgainMax
  Mailbox mailbox;
  Outlet* outlet = nullptr;        // while it is there; not kept

  void want_again(const std::string& sender_lid, const std::string& id);
  bool take_wanted(const std::string& sender_lid, const std::string& id);  // true once for each want_again
};
inline constexpr std::size_t kWantedAgainMax = 1'000;

// Message ids that were routed, so that a repeated one is acked and goes nowhere.
class SeenIds {
 public:
  bool insert(const std::string& chat_lid, const std::string& id);  // false when it was there
  std::string chat_of(const std::string& id) const;                 // LID; "" when the id is not there
  void restore(std::deque<std::string> all);
  const std::deque<std::string>& all() const { return order_; }

 private:
  std::set<std::string> ids_;
  std::deque<std::string> order_;      // "chat id", at most kSeenMax
};
inline constexpr std::size_t kSeenMax = 10'000;

struct Account {
  std::string number, lid;         // digits
  std::string push_name;
  std::string about;               // "" when none
  Time about_at{};
  std::uint32_t default_timer_s = 0;   // of new chats; 0: off
  Time default_timer_at{};
  std::map<std::string, std::vector<Bytes>> app_state;  // by collection: the patches of versions 1, 2 ...
  std::string made_for;            // the push name that it was created for; "" when none
  std::uint32_t raw_id = 0;
  Bytes app_state_key_id, app_state_key;
  std::uint16_t next_device = 1;
  std::uint32_t next_key_index = 1;
  std::map<std::uint16_t, Device> devices;
  std::set<std::string> watchers;  // LIDs of accounts that know our devices and hear of changes
  bool refuses_groups = false;     // by its privacy settings: who adds it to a group gets 403 and an invitation to send
  std::set<std::string> tokens_given;  // "LID bucket": privacy tokens that the peer has got
  SeenIds seen;
  PhoneRecord phone;

  wa::Jid jid(wa::Server server, std::uint16_t device = 0) const;  // Pn or Lid
  wa::Jid lid_jid(std::uint16_t device = 0) const { return jid(wa::Server::Lid, device); }
  wa::Jid pn_jid(std::uint16_t device = 0) const { return jid(wa::Server::Pn, device); }
  Device* device(std::uint16_t id);
};

// A device and its account. Both outlive any one event, not a removal.
struct Party {
  Account& account;
  Device& device;
  wa::Jid lid() const { return account.lid_jid(device.id); }
};

class Directory {
 public:
  Account& create(std::string number, const std::string& push_name, Random& random);  // the number is free
  std::string free_number(const std::string& push_name, Random& random) const;  // of a name: always the same
  Account* find(const wa::Jid& person);        // by either address; device ignored
  Account* find_number(const std::string& number);
  Account* find_lid(const std::string& lid);
  Account* made_for(const std::string& push_name);
  void insert(std::unique_ptr<Account> account);
  const std::map<std::string, std::unique_ptr<Account>>& all() const { return by_number_; }

 private:
  std::map<std::string, std::unique_ptr<Account>> by_number_;
  std::map<std::string, Account*> by_lid_;
};

bool is_phone_number(const std::string& text);  // 8 to 15 digits, the first not 0

}  // namespace konekwa::sandbox
