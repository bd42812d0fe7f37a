#include "daemon/wa/signal/signal_state.h"

#include "daemon/wa/signal/libsignal.h"
#include "daemon/wa/signal/openssl_provider.h"
#include "daemon/wa/signal/session_facts.h"
#include "daemon/wa/signal/signal_records.h"
#include "daemon/wa/signal/signal_stores.h"

#include <algorithm>

#include <signal/curve.h>
#include <signal/protocol.h>
#include <signal/session_pre_key.h>

namespace konekwa::wa {
namespace {

using libsignal::Address;
using libsignal::Counted;
using libsignal::Owned;
using libsignal::copy;
using libsignal::error_of;
using Kind = SignalRow::Kind;

constexpr std::uint32_t kPrekeyIdMax = 0xFFFFFF;
constexpr std::uint32_t kRegistrationIdMax = 16383;
constexpr std::string_view kEncNames[] = {"msg", "pkmsg", "skmsg"};

Counted<ec_public_key> libsignal_key(const Key& key, signal_context* context) {
  ec_public_key* result = nullptr;
  const Bytes typed = with_type_byte(key);
  KONEKWA_ASSERT(curve_decode_point(&result, typed.data(), typed.size(), context) == SG_SUCCESS);
  return Counted<ec_public_key>(result);
}

std::uint32_t next_prekey_id(std::uint32_t id) { return id >= kPrekeyIdMax ? 1 : id + 1; }

}  // namespace

std::string_view to_string(EncType type) { return kEncNames[static_cast<std::size_t>(type)]; }

std::optional<EncType> enc_type_from(std::string_view text) {
  for (const EncType type : {EncType::Msg, EncType::PkMsg, EncType::SkMsg}) {
    if (text == to_string(type)) return type;
  }
  return std::nullopt;
}

DeviceIdentity generate_device_identity(Random& random) {
  DeviceIdentity device;
  device.identity = generate_key_pair(random);
  device.registration_id = 1 + static_cast<std::uint32_t>(random.below(kRegistrationIdMax));
  device.signed_prekey = generate_signed_prekey(device.identity, 1, random);
  return device;
}

class SignalState::Impl {
 public:
  Impl(DeviceIdentity identity, const SignalRows* rows, Random& random)
      : device_(std::move(identity)), random_(random), records_(rows), context_(make_context(random)),
        stores_(context_.get(), device_, records_), sender_keys_(context_.get(), stores_.get(), records_) {}

  // --- ratchets ---

  std::optional<SessionFacts> session(const Jid& device) const {
    const Bytes* row = records_.find(Kind::Session, signal_address(device));
    return row ? read_session(context_.get(), *row) : std::nullopt;
  }

  Result<> start_session(const Jid& device, const PreKeyBundle& bundle) {
    const Counted<session_pre_key_bundle> parsed = libsignal_bundle(device, bundle);
    const Address address(device);
    session_builder* builder = nullptr;
    KONEKWA_ASSERT(session_builder_create(&builder, stores_.get(), address.get(), context_.get()) == SG_SUCCESS);
    const Owned<session_builder> hold(builder);
    records_.begin_draft();
    forget_damaged(device);
    const int result = session_builder_process_pre_key_bundle(builder, parsed.get());
    if (result < 0) {
      records_.drop_draft();
      return fail(ErrorCode::BAD_SIGNATURE, "signed prekey of " + signal_address(device));
    }
    records_.put(Kind::Identity, signal_address(device), to_bytes(bundle.identity));
    records_.keep_draft();
    return {};
  }

  Result<Ciphertext> encrypt(const Jid& device, ByteView padded) {
    if (!session(device)) return fail(ErrorCode::NO_SESSION, signal_address(device));
    const Address address(device);
    const Owned<session_cipher> cipher = cipher_for(address);
    ciphertext_message* message = nullptr;
    records_.begin_draft();
    const int result = session_cipher_encrypt(cipher.get(), padded.data(), padded.size(), &message);
    if (result < 0) {
      records_.drop_draft();
      return fail(error_of(result));
    }
    records_.keep_draft();
    const Counted<ciphertext_message> hold(message);
    const bool is_prekey = ciphertext_message_get_type(message) == CIPHERTEXT_PREKEY_TYPE;
    return Ciphertext{is_prekey ? EncType::PkMsg : EncType::Msg, copy(ciphertext_message_get_serialized(message))};
  }

  Result<Bytes> decrypt(const Jid& device, EncType type, ByteView ciphertext) {
    identity_changed_ = false;
    if (type == EncType::SkMsg) return fail(ErrorCode::PROTOCOL, "a sender key's message outside of a group");
    const Address address(device);
    const Owned<session_cipher> cipher = cipher_for(address);
    records_.begin_draft();
    forget_damaged(device);
    signal_buffer* plaintext = nullptr;
    const int result = type == EncType::PkMsg ? decrypt_pkmsg(cipher.get(), ciphertext, &plaintext)
                                              : decrypt_msg(cipher.get(), ciphertext, &plaintext);
    if (result < 0) {
      records_.drop_draft();
      return fail(error_of(result));
    }
    const Owned<signal_buffer> hold(plaintext);
    if (type == EncType::PkMsg) note_identity(device);
    records_.keep_draft();
    return copy(plaintext);
  }

  bool identity_changed() const { return identity_changed_; }

  void migrate(const Jid& from, const Jid& to) {
    if (session(to) || !session(from)) return;
    move_row(Kind::Session, from, to);
    move_row(Kind::Identity, from, to);
  }

  // --- identities ---

  std::optional<Key> identity_of(const Jid& device) const {
    const Bytes* row = records_.find(Kind::Identity, signal_address(device));
    return row ? strip_type_byte(*row) : std::nullopt;
  }

  void set_identity(const Jid& device, const Key& identity) {
    records_.put(Kind::Identity, signal_address(device), to_bytes(identity));
  }

  // --- one-time prekeys ---

  std::vector<PreKey> generate_prekeys(std::uint32_t first_id, std::size_t count) {
    std::vector<PreKey> prekeys;
    prekeys.reserve(count);
    std::uint32_t id = first_id == 0 || first_id > kPrekeyIdMax ? 1 : first_id;
    for (std::size_t i = 0; i < count; ++i, id = next_prekey_id(id)) {
      prekeys.push_back({id, generate_key_pair(random_)});
      store_prekey(prekeys.back());
    }
    return prekeys;
  }

  std::optional<PreKey> prekey(std::uint32_t id) const {
    const Bytes* row = records_.find(Kind::PreKey, std::to_string(id));
    const auto key = row ? decode_prekey_row(*row) : std::nullopt;
    if (!key) return std::nullopt;
    return PreKey{id, *key};
  }

  void store_prekey(const PreKey& prekey) {
    records_.put(Kind::PreKey, std::to_string(prekey.id), encode_prekey_row(prekey.key));
  }

  SenderKeys& sender_keys() { return sender_keys_; }
  SignalRecords& records() { return records_; }
  const DeviceIdentity& device() const { return device_; }

 private:
  static Owned<signal_context> make_context(Random& random) {
    signal_context* context = nullptr;
    KONEKWA_ASSERT(signal_context_create(&context, nullptr) == SG_SUCCESS);
    install_openssl_provider(context, random);
    return Owned<signal_context>(context);
  }

  Owned<session_cipher> cipher_for(const Address& address) {
    session_cipher* cipher = nullptr;
    KONEKWA_ASSERT(session_cipher_create(&cipher, stores_.get(), address.get(), context_.get()) == SG_SUCCESS);
    return Owned<session_cipher>(cipher);
  }

  Counted<session_pre_key_bundle> libsignal_bundle(const Jid& device, const PreKeyBundle& bundle) {
    const auto identity = libsignal_key(bundle.identity, context_.get());
    const auto signed_prekey = libsignal_key(bundle.signed_prekey, context_.get());
    const auto prekey = bundle.prekey ? libsignal_key(bundle.prekey->key, context_.get()) : nullptr;
    session_pre_key_bundle* result = nullptr;
    KONEKWA_ASSERT(session_pre_key_bundle_create(&result, bundle.registration_id, device.device,
                                                 bundle.prekey ? bundle.prekey->id : 0, prekey.get(),
                                                 bundle.signed_prekey_id, signed_prekey.get(),
                                                 bundle.signed_prekey_signature.data(),
                                                 bundle.signed_prekey_signature.size(), identity.get()) == SG_SUCCESS);
    return Counted<session_pre_key_bundle>(result);
  }

  int decrypt_pkmsg(session_cipher* cipher, ByteView ciphertext, signal_buffer** plaintext) {
    pre_key_signal_message* message = nullptr;
    const int result =
        pre_key_signal_message_deserialize(&message, ciphertext.data(), ciphertext.size(), context_.get());
    if (result < 0) return result;
    const Counted<pre_key_signal_message> hold(message);
    return session_cipher_decrypt_pre_key_signal_message(cipher, message, nullptr, plaintext);
  }

  int decrypt_msg(session_cipher* cipher, ByteView ciphertext, signal_buffer** plaintext) {
    signal_message* message = nullptr;
    const int result = signal_message_deserialize(&message, ciphertext.data(), ciphertext.size(), context_.get());
    if (result < 0) return result;
    const Counted<signal_message> hold(message);
    return session_cipher_decrypt_signal_message(cipher, message, nullptr, plaintext);
  }

  // The ratchet that opened a pkmsg proves whose it is; what the message says of its identity is not under the MAC.
  void note_identity(const Jid& device) {
    const auto facts = session(device);
    if (!facts) return;
    const auto known = identity_of(device);
    identity_changed_ = known && *known != facts->remote_identity;
    set_identity(device, facts->remote_identity);
  }

  // libsignal fails on a damaged record for ever; without it, a pkmsg or a bundle starts anew.
  void forget_damaged(const Jid& device) {
    if (!session(device)) records_.remove(Kind::Session, signal_address(device));
  }

  void move_row(Kind kind, const Jid& from, const Jid& to) {
    const Bytes* row = records_.find(kind, signal_address(from));
    if (!row) return;
    records_.put(kind, signal_address(to), Bytes(*row));
    records_.remove(kind, signal_address(from));
  }

  DeviceIdentity device_;
  Random& random_;
  SignalRecords records_;
  Owned<signal_context> context_;
  SignalStores stores_;
  SenderKeys sender_keys_;
  bool identity_changed_ = false;
};

SignalState::SignalState(DeviceIdentity identity, const SignalRows* rows, Random& random)
    : impl_(std::make_unique<Impl>(std::move(identity), rows, random)) {}
SignalState::~SignalState() = default;
SignalState::SignalState(SignalState&&) noexcept = default;

bool SignalState::has_session(const Jid& device) const { return impl_->session(device).has_value(); }
Result<> SignalState::start_session(const Jid& device, const PreKeyBundle& bundle) {
  return impl_->start_session(device, bundle);
}
bool SignalState::has_begun_from(const Jid& device, const PreKeyBundle& bundle) const {
  const auto facts = impl_->session(device);
  if (!facts || !bundle.prekey || facts->remote_identity != bundle.identity) return false;
  const auto& ids = facts->pending_prekey_ids;
  return std::find(ids.begin(), ids.end(), bundle.prekey->id) != ids.end();
}
Result<Ciphertext> SignalState::encrypt(const Jid& device, ByteView padded) { return impl_->encrypt(device, padded); }
Result<Bytes> SignalState::decrypt(const Jid& device, EncType type, ByteView ciphertext) {
  return impl_->decrypt(device, type, ciphertext);
}
bool SignalState::identity_changed() const { return impl_->identity_changed(); }
void SignalState::delete_session(const Jid& device) {
  impl_->records().remove(SignalRow::Kind::Session, signal_address(device));
}
void SignalState::delete_identity(const Jid& device) {
  impl_->records().remove(SignalRow::Kind::Identity, signal_address(device));
}
std::optional<Key> SignalState::identity_of(const Jid& device) const { return impl_->identity_of(device); }
void SignalState::set_identity(const Jid& device, const Key& identity) { impl_->set_identity(device, identity); }
void SignalState::migrate(const Jid& from, const Jid& to) { impl_->migrate(from, to); }

std::optional<std::uint32_t> SignalState::remote_registration_id(const Jid& device) const {
  const auto facts = impl_->session(device);
  if (!facts) return std::nullopt;
  return facts->remote_registration_id;
}

std::optional<Bytes> SignalState::base_key(const Jid& device) const {
  const auto facts = impl_->session(device);
  if (!facts || facts->base_key.empty()) return std::nullopt;
  return facts->base_key;
}

std::vector<PreKey> SignalState::generate_prekeys(std::uint32_t first_id, std::size_t count) {
  return impl_->generate_prekeys(first_id, count);
}
std::optional<PreKey> SignalState::prekey(std::uint32_t id) const { return impl_->prekey(id); }
void SignalState::store_prekey(const PreKey& prekey) { impl_->store_prekey(prekey); }

SenderKeys& SignalState::sender_keys() { return impl_->sender_keys(); }
const DeviceIdentity& SignalState::device() const { return impl_->device(); }
std::vector<SignalRow> SignalState::take_changes() { return impl_->records().take_changes(); }
void SignalState::forget_clean() { impl_->records().forget_clean(); }

}  // namespace konekwa::wa
