#include "daemon/wa/signal/session_facts.h"

#include <signal/curve.h>
#include <signal/session_record.h>
#include <signal/session_state.h>
#include <signal/signal_protocol.h>

#include <memory>

namespace konekwa::wa {
namespace {

struct Unref {
  void operator()(session_record* record) const { SIGNAL_UNREF(record); }
};

Bytes serialize(const ec_public_key* key) {
  signal_buffer* buffer = nullptr;
  if (!key || ec_public_key_serialize(&buffer, key) < 0) return {};
  Bytes bytes(signal_buffer_const_data(buffer), signal_buffer_const_data(buffer) + signal_buffer_len(buffer));
  signal_buffer_free(buffer);
  return bytes;
}

bool is_complete(const session_state* state) {
  return session_state_get_session_version(state) == 3 && session_state_get_sender_ratchet_key_pair(state) &&
         session_state_get_sender_chain_key(state) && session_state_get_root_key(state) &&
         session_state_get_local_identity_key(state) && session_state_get_remote_identity_key(state);
}

void add_pending_prekey(const session_state* state, std::vector<std::uint32_t>& ids) {
  if (session_state_has_unacknowledged_pre_key_message(state) == 0) return;
  if (session_state_unacknowledged_pre_key_message_has_pre_key_id(state) == 0) return;
  ids.push_back(session_state_unacknowledged_pre_key_message_get_pre_key_id(state));
}

std::vector<std::uint32_t> pending_prekey_ids(const session_record* record, const session_state* present) {
  std::vector<std::uint32_t> ids;
  add_pending_prekey(present, ids);
  for (const auto* node = session_record_get_previous_states_head(record); node != nullptr;
       node = session_record_get_previous_states_next(node)) {
    add_pending_prekey(session_record_get_previous_states_element(node), ids);
  }
  return ids;
}

}  // namespace

std::optional<SessionFacts> read_session(signal_context* context, ByteView record) {
  session_record* parsed = nullptr;
  if (session_record_deserialize(&parsed, record.data(), record.size(), context) < 0) return std::nullopt;
  const std::unique_ptr<session_record, Unref> hold(parsed);
  const session_state* state = session_record_get_state(parsed);
  if (!state || !is_complete(state)) return std::nullopt;
  const auto identity = strip_type_byte(serialize(session_state_get_remote_identity_key(state)));
  if (!identity) return std::nullopt;
  return SessionFacts{*identity, session_state_get_remote_registration_id(state),
                      serialize(session_state_get_alice_base_key(state)), pending_prekey_ids(parsed, state)};
}

}  // namespace konekwa::wa
