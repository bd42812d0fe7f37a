#include "daemon/wa/signal/sender_keys.h"

#include "daemon/wa/signal/libsignal.h"
#include "daemon/wa/signal/signal_records.h"

#include <signal/curve.h>
#include <signal/protocol.h>
#include <signal/sender_key.h>
#include <signal/sender_key_record.h>
#include <signal/sender_key_state.h>

namespace konekwa::wa {
namespace {

using libsignal::Address;
using libsignal::Counted;
using libsignal::Owned;
using libsignal::copy;
using libsignal::error_of;

constexpr auto kKind = SignalRow::Kind::SenderKey;
constexpr std::size_t kChainKeySize = 32;
// A known chain is kept when the repeated one is not further ahead than this; libsignal derives 2000 keys at most.
constexpr std::uint32_t kStepsKeptMax = 1000;

// A signal_protocol_sender_key_name and the text that it points to.
class Name {
 public:
  Name(const Jid& group, const Jid& device) : group_(to_string(group)), address_(device) {
    name_ = {group_.data(), group_.size(), *address_.get()};
  }
  Name(const Name&) = delete;
  Name& operator=(const Name&) = delete;
  const signal_protocol_sender_key_name* get() const { return &name_; }

 private:
  std::string group_;
  Address address_;
  signal_protocol_sender_key_name name_{};
};

Counted<sender_key_record> read_record(signal_context* context, const Bytes* row) {
  sender_key_record* record = nullptr;
  if (!row || sender_key_record_deserialize(&record, row->data(), row->size(), context) < 0) return nullptr;
  Counted<sender_key_record> result(record);
  return sender_key_record_is_empty(record) ? nullptr : std::move(result);
}

sender_key_state* state_of(sender_key_record* record, std::uint32_t key_id) {
  sender_key_state* state = nullptr;
  if (!record || sender_key_record_get_sender_key_state_by_id(record, &state, key_id) < 0) return nullptr;
  return state;
}

bool is_repeated(sender_key_record* record, sender_key_distribution_message* message) {
  sender_key_state* state = state_of(record, sender_key_distribution_message_get_id(message));
  if (!state) return false;
  const ec_public_key* known = sender_key_state_get_signing_key_public(state);
  if (ec_public_key_compare(known, sender_key_distribution_message_get_signature_key(message)) != 0) return false;
  const std::uint32_t at = sender_chain_key_get_iteration(sender_key_state_get_chain_key(state));
  const std::uint32_t told = sender_key_distribution_message_get_iteration(message);
  return told <= at || told - at <= kStepsKeptMax;
}

Result<Counted<sender_key_distribution_message>> parse_distribution(signal_context* context, ByteView bytes) {
  sender_key_distribution_message* message = nullptr;
  const int result = sender_key_distribution_message_deserialize(&message, bytes.data(), bytes.size(), context);
  if (result < 0) return fail(error_of(result));
  Counted<sender_key_distribution_message> hold(message);
  if (signal_buffer_len(sender_key_distribution_message_get_chain_key(message)) != kChainKeySize) {
    return fail(ErrorCode::PROTOCOL, "a chain key of the wrong length");
  }
  return hold;
}

}  // namespace

std::string sender_key_name(const Jid& group, const Jid& device) {
  return to_string(group) + "::" + signal_address(device);
}

bool SenderKeys::has(const Jid& group, const Jid& device) const {
  return read_record(context_, records_.find(kKind, sender_key_name(group, device))) != nullptr;
}

void SenderKeys::forget(const Jid& group, const Jid& device) { records_.remove(kKind, sender_key_name(group, device)); }

// libsignal fails on a damaged record for ever; without it, the next distribution starts anew.
void SenderKeys::forget_damaged(const Jid& group, const Jid& device) {
  if (!has(group, device)) forget(group, device);
}

Result<Bytes> SenderKeys::distribution(const Jid& group, const Jid& self) {
  const Name name(group, self);
  group_session_builder* builder = nullptr;
  KONEKWA_ASSERT(group_session_builder_create(&builder, stores_, context_) == SG_SUCCESS);
  const Owned<group_session_builder> hold_builder(builder);
  records_.begin_draft();
  forget_damaged(group, self);
  sender_key_distribution_message* message = nullptr;
  const int result = group_session_builder_create_session(builder, &message, name.get());
  if (result < 0) {
    records_.drop_draft();
    return fail(error_of(result));
  }
  records_.keep_draft();
  const Counted<sender_key_distribution_message> hold(message);
  return copy(ciphertext_message_get_serialized(reinterpret_cast<ciphertext_message*>(message)));
}

Result<> SenderKeys::accept(const Jid& group, const Jid& sender, ByteView distribution) {
  const auto message = parse_distribution(context_, distribution);
  if (!message) return fail(message.error());
  const auto known = read_record(context_, records_.find(kKind, sender_key_name(group, sender)));
  if (is_repeated(known.get(), message->get())) return {};
  const Name name(group, sender);
  group_session_builder* builder = nullptr;
  KONEKWA_ASSERT(group_session_builder_create(&builder, stores_, context_) == SG_SUCCESS);
  const Owned<group_session_builder> hold(builder);
  records_.begin_draft();
  forget_damaged(group, sender);
  const int result = group_session_builder_process_session(builder, name.get(), message->get());
  if (result < 0) {
    records_.drop_draft();
    return fail(error_of(result));
  }
  records_.keep_draft();
  return {};
}

Result<Bytes> SenderKeys::encrypt(const Jid& group, const Jid& self, ByteView padded) {
  if (!has(group, self)) return fail(ErrorCode::NO_SESSION, sender_key_name(group, self));
  const Name name(group, self);
  group_cipher* cipher = nullptr;
  KONEKWA_ASSERT(group_cipher_create(&cipher, stores_, name.get(), context_) == SG_SUCCESS);
  const Owned<group_cipher> hold_cipher(cipher);
  ciphertext_message* message = nullptr;
  records_.begin_draft();
  const int result = group_cipher_encrypt(cipher, padded.data(), padded.size(), &message);
  if (result < 0) {
    records_.drop_draft();
    return fail(error_of(result));
  }
  records_.keep_draft();
  const Counted<ciphertext_message> hold(message);
  return copy(ciphertext_message_get_serialized(message));
}

Result<Bytes> SenderKeys::decrypt(const Jid& group, const Jid& sender, ByteView ciphertext) {
  sender_key_message* message = nullptr;
  if (const int result = sender_key_message_deserialize(&message, ciphertext.data(), ciphertext.size(), context_);
      result < 0) {
    return fail(error_of(result));
  }
  const Counted<sender_key_message> hold_message(message);
  const auto record = read_record(context_, records_.find(kKind, sender_key_name(group, sender)));
  if (!state_of(record.get(), sender_key_message_get_key_id(message))) {
    return fail(ErrorCode::NO_SESSION, sender_key_name(group, sender));
  }
  const Name name(group, sender);
  group_cipher* cipher = nullptr;
  KONEKWA_ASSERT(group_cipher_create(&cipher, stores_, name.get(), context_) == SG_SUCCESS);
  const Owned<group_cipher> hold_cipher(cipher);
  signal_buffer* plaintext = nullptr;
  records_.begin_draft();
  if (const int result = group_cipher_decrypt(cipher, message, nullptr, &plaintext); result < 0) {
    records_.drop_draft();
    return fail(error_of(result));
  }
  records_.keep_draft();
  const Owned<signal_buffer> hold(plaintext);
  return copy(plaintext);
}

}  // namespace konekwa::wa
