#include "daemon/wa/signal/signal_stores.h"

#include <signal/curve.h>
#include <signal/session_pre_key.h>
#include <signal/signal_protocol.h>

namespace konekwa::wa {
namespace {

using Kind = SignalRow::Kind;

struct Unref {
  void operator()(void* object) const { signal_type_unref(static_cast<signal_type_base*>(object)); }
};
template <class T>
using Handle = std::unique_ptr<T, Unref>;

int hand_out(ByteView bytes, signal_buffer** out) {
  *out = signal_buffer_create(bytes.data(), bytes.size());
  return *out ? SG_SUCCESS : SG_ERR_NOMEM;
}

std::string row_key(const signal_protocol_address* address) {
  return std::string(address->name, address->name_len) + "." + std::to_string(address->device_id);
}

// libsignal takes a context only to log bad lengths, and these are fixed.
Handle<ec_key_pair> libsignal_pair(const KeyPair& key) {
  ec_public_key* public_key = nullptr;
  ec_private_key* private_key = nullptr;
  ec_key_pair* pair = nullptr;
  const Bytes typed = with_type_byte(key.public_key);
  curve_decode_point(&public_key, typed.data(), typed.size(), nullptr);
  const Handle<ec_public_key> hold_public(public_key);
  curve_decode_private_point(&private_key, key.private_key.data(), key.private_key.size(), nullptr);
  const Handle<ec_private_key> hold_private(private_key);
  if (public_key && private_key) ec_key_pair_create(&pair, public_key, private_key);
  return Handle<ec_key_pair>(pair);
}

}  // namespace

// `stores` is the SignalStores that owns the callbacks' store context.
struct SignalStoreCallbacks {
  static SignalStores& self(void* stores) { return *static_cast<SignalStores*>(stores); }

  // --- sessions: ratchets by address ---

  static int load_session(signal_buffer** record, signal_buffer**, const signal_protocol_address* address,
                          void* stores) {
    const Bytes* row = self(stores).records_.find(Kind::Session, row_key(address));
    if (!row) return 0;
    return hand_out(*row, record) == SG_SUCCESS ? 1 : SG_ERR_NOMEM;
  }

  static int store_session(const signal_protocol_address* address, std::uint8_t* record, std::size_t size,
                           std::uint8_t*, std::size_t, void* stores) {
    self(stores).records_.put(Kind::Session, row_key(address), {record, record + size});
    return SG_SUCCESS;
  }

  static int contains_session(const signal_protocol_address* address, void* stores) {
    return self(stores).records_.find(Kind::Session, row_key(address)) ? 1 : 0;
  }

  static int delete_session(const signal_protocol_address* address, void* stores) {
    if (!contains_session(address, stores)) return 0;
    self(stores).records_.remove(Kind::Session, row_key(address));
    return 1;
  }

  // libsignal itself never asks for these two; they are for applications that address users, not devices.
  static int get_sub_devices(signal_int_list**, const char*, std::size_t, void*) { return SG_ERR_UNKNOWN; }
  static int delete_all_sessions(const char*, std::size_t, void*) { return SG_ERR_UNKNOWN; }

  // --- one-time prekeys ---

  static int load_prekey(signal_buffer** record, std::uint32_t id, void* stores) {
    const Bytes* row = self(stores).records_.find(Kind::PreKey, std::to_string(id));
    const auto key = row ? decode_prekey_row(*row) : std::nullopt;
    if (!key) return SG_ERR_INVALID_KEY_ID;
    const Handle<ec_key_pair> pair = libsignal_pair(*key);
    if (!pair) return SG_ERR_NOMEM;
    session_pre_key* prekey = nullptr;
    if (const int result = session_pre_key_create(&prekey, id, pair.get()); result < 0) return result;
    const Handle<session_pre_key> hold(prekey);
    return session_pre_key_serialize(record, prekey);
  }

  static int store_prekey(std::uint32_t, std::uint8_t*, std::size_t, void*) { return SG_ERR_UNKNOWN; }

  static int contains_prekey(std::uint32_t id, void* stores) {
    return self(stores).records_.find(Kind::PreKey, std::to_string(id)) ? 1 : 0;
  }

  static int remove_prekey(std::uint32_t id, void* stores) {
    self(stores).records_.remove(Kind::PreKey, std::to_string(id));
    return SG_SUCCESS;
  }

  // --- the signed prekey ---

  static int load_signed_prekey(signal_buffer** record, std::uint32_t id, void* stores) {
    const SignedPreKey& own = self(stores).device_.signed_prekey;
    if (id != own.id) return SG_ERR_INVALID_KEY_ID;
    const Handle<ec_key_pair> pair = libsignal_pair(own.key);
    if (!pair) return SG_ERR_NOMEM;
    session_signed_pre_key* prekey = nullptr;
    const int result =
        session_signed_pre_key_create(&prekey, id, 0, pair.get(), own.signature.data(), own.signature.size());
    if (result < 0) return result;
    const Handle<session_signed_pre_key> hold(prekey);
    return session_signed_pre_key_serialize(record, prekey);
  }

  static int store_signed_prekey(std::uint32_t, std::uint8_t*, std::size_t, void*) { return SG_ERR_UNKNOWN; }
  static int contains_signed_prekey(std::uint32_t id, void* stores) {
    return id == self(stores).device_.signed_prekey.id ? 1 : 0;
  }
  static int remove_signed_prekey(std::uint32_t, void*) { return SG_ERR_UNKNOWN; }

  // --- sender keys ---

  static std::string sender_key_row(const signal_protocol_sender_key_name* name) {
    return std::string(name->group_id, name->group_id_len) + "::" + row_key(&name->sender);
  }

  static int store_sender_key(const signal_protocol_sender_key_name* name, std::uint8_t* record, std::size_t size,
                              std::uint8_t*, std::size_t, void* stores) {
    self(stores).records_.put(Kind::SenderKey, sender_key_row(name), {record, record + size});
    return SG_SUCCESS;
  }

  static int load_sender_key(signal_buffer** record, signal_buffer**, const signal_protocol_sender_key_name* name,
                             void* stores) {
    const Bytes* row = self(stores).records_.find(Kind::SenderKey, sender_key_row(name));
    if (!row) return 0;
    return hand_out(*row, record) == SG_SUCCESS ? 1 : SG_ERR_NOMEM;
  }

  // --- identities ---

  static int own_identity(signal_buffer** public_data, signal_buffer** private_data, void* stores) {
    const KeyPair& own = self(stores).device_.identity;
    if (hand_out(with_type_byte(own.public_key), public_data) != SG_SUCCESS) return SG_ERR_NOMEM;
    return hand_out(own.private_key, private_data);
  }

  static int own_registration_id(void* stores, std::uint32_t* id) {
    *id = self(stores).device_.registration_id;
    return SG_SUCCESS;
  }

  // libsignal saves what the outside of a pkmsg claims, before the MAC is verified. SignalState writes the row
  // afterwards, from the ratchet that decrypted.
  static int save_identity(const signal_protocol_address*, std::uint8_t*, std::size_t, void*) { return SG_SUCCESS; }

  // Identities change whenever people change phones; WhatsApp trusts the new one and tells the user.
  static int is_trusted(const signal_protocol_address*, std::uint8_t*, std::size_t, void*) { return 1; }
};

SignalStores::SignalStores(signal_context* context, const DeviceIdentity& device, SignalRecords& records)
    : device_(device), records_(records) {
  using C = SignalStoreCallbacks;
  signal_protocol_store_context* stores = nullptr;
  KONEKWA_ASSERT(signal_protocol_store_context_create(&stores, context) == SG_SUCCESS);
  stores_.reset(stores);

  const signal_protocol_session_store sessions = {C::load_session, C::get_sub_devices, C::store_session,
                                                  C::contains_session, C::delete_session, C::delete_all_sessions,
                                                  nullptr, this};
  const signal_protocol_pre_key_store prekeys = {C::load_prekey, C::store_prekey, C::contains_prekey,
                                                 C::remove_prekey, nullptr, this};
  const signal_protocol_signed_pre_key_store signed_prekeys = {C::load_signed_prekey, C::store_signed_prekey,
                                                               C::contains_signed_prekey, C::remove_signed_prekey,
                                                               nullptr, this};
  const signal_protocol_identity_key_store identities = {C::own_identity, C::own_registration_id, C::save_identity,
                                                         C::is_trusted, nullptr, this};
  const signal_protocol_sender_key_store sender_keys = {C::store_sender_key, C::load_sender_key, nullptr, this};
  signal_protocol_store_context_set_session_store(stores, &sessions);
  signal_protocol_store_context_set_pre_key_store(stores, &prekeys);
  signal_protocol_store_context_set_signed_pre_key_store(stores, &signed_prekeys);
  signal_protocol_store_context_set_identity_key_store(stores, &identities);
  signal_protocol_store_context_set_sender_key_store(stores, &sender_keys);
}

void SignalStores::Free::operator()(signal_protocol_store_context* stores) const {
  signal_protocol_store_context_destroy(stores);
}

Bytes encode_prekey_row(const KeyPair& key) { return concat({key.public_key, key.private_key}); }

std::optional<KeyPair> decode_prekey_row(ByteView row) {
  if (row.size() != 64) return std::nullopt;
  return KeyPair{*to_array<32>(row.first(32)), *to_array<32>(row.last(32))};
}

}  // namespace konekwa::wa
