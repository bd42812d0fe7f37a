// What WhatsApp knows our device by, and the Signal rows, address mappings, device lists and privacy tokens of a
// session. Addresses are text forms of Jids: this folder does not know the protocol.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct DeviceRow {
  std::string session;
  std::string jid;                  // "6281234567890:3@s.whatsapp.net"; "" while not linked
  std::string lid;
  Bytes noise_private, identity_private;
  std::uint32_t registration_id = 0;
  std::uint32_t signed_prekey_id = 0;
  Bytes signed_prekey_private, signed_prekey_signature;
  Bytes adv_secret;
  Bytes account;                    // ADVSignedDeviceIdentity with accountSignatureKey; empty while not linked
  std::uint32_t next_prekey_id = 1; // the first id not generated yet
  std::string platform;             // of the phone: "android", "iphone", ...
  std::string business_name;
  Bytes routing_info;
};

namespace devices {

std::optional<DeviceRow> find(Database& db, const std::string& session);
void save(Database& db, const DeviceRow& row);                          // insert or replace
void erase(Database& db, const std::string& session);                   // and what it knew of others
void set_next_prekey_id(Database& db, const std::string& session, std::uint32_t id);
void set_routing_info(Database& db, const std::string& session, ByteView info);

// Signal rows; kind is wa::SignalRow::Kind as a number.
std::optional<Bytes> find_signal(Database& db, const std::string& session, int kind, const std::string& key);
void put_signal(Database& db, const std::string& session, int kind, const std::string& key,
                const std::optional<Bytes>& value);                     // nothing: delete
void erase_signal_of_user(Database& db, const std::string& session, const std::string& address_prefix);  // "1234_1."

// LID and phone number of the same account, digits only.
void put_lid(Database& db, const std::string& session, const std::string& lid, const std::string& pn);
std::optional<std::string> lid_of(Database& db, const std::string& session, const std::string& pn);
std::optional<std::string> pn_of(Database& db, const std::string& session, const std::string& lid);

// The devices of a user, as ids; kept until a notification says they changed.
std::optional<std::vector<std::uint16_t>> find_list(Database& db, const std::string& session, const std::string& user);
void put_list(Database& db, const std::string& session, const std::string& user,
              const std::vector<std::uint16_t>& device_ids, Time now);
void erase_list(Database& db, const std::string& session, const std::string& user);

struct PrivacyToken {
  Bytes token;                       // received from the contact; empty: none yet
  std::optional<Time> received_at;   // as stamped by the sender
  std::optional<Time> issued_at;     // when we last issued ours to the contact
};
std::optional<PrivacyToken> find_privacy_token(Database& db, const std::string& session, const std::string& user);
void put_privacy_token(Database& db, const std::string& session, const std::string& user, ByteView token, Time at);
void set_privacy_token_issued(Database& db, const std::string& session, const std::string& user, Time at);

}  // namespace devices
}  // namespace konekwa::store
