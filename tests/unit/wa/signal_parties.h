// Two devices that talk, for the tests of the Signal layer.
#pragma once

#include "daemon/wa/signal/signal_state.h"
#include "tests/support/seeded_random.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace konekwa::wa::test {

// What a store keeps: fed by take_changes(), and counting how often it is asked.
class RecordedRows final : public SignalRows {
 public:
  std::optional<Bytes> find(SignalRow::Kind kind, const std::string& key) const override {
    ++reads;
    const auto found = values.find({kind, key});
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }
  void apply(const std::vector<SignalRow>& changes) {
    for (const SignalRow& row : changes) {
      if (row.value) {
        values[{row.kind, row.key}] = *row.value;
      } else {
        values.erase({row.kind, row.key});
      }
    }
  }

  std::map<std::pair<SignalRow::Kind, std::string>, Bytes> values;
  mutable int reads = 0;
};

struct Party {
  Party(Jid own_jid, std::uint64_t seed)
      : jid(std::move(own_jid)), random(seed), identity(generate_device_identity(random)),
        state(std::make_unique<SignalState>(identity, &rows, random)) {}

  void commit() { rows.apply(state->take_changes()); }
  // As after a restart of the daemon: what was not committed is gone.
  void restart() { state = std::make_unique<SignalState>(identity, &rows, random); }

  PreKeyBundle bundle(std::optional<std::uint32_t> prekey_id = std::nullopt) {
    PreKeyBundle result;
    result.registration_id = identity.registration_id;
    result.identity = identity.identity.public_key;
    result.signed_prekey_id = identity.signed_prekey.id;
    result.signed_prekey = identity.signed_prekey.key.public_key;
    result.signed_prekey_signature = identity.signed_prekey.signature;
    if (prekey_id) result.prekey = PreKeyBundle::OneTime{*prekey_id, state->prekey(*prekey_id)->key.public_key};
    return result;
  }

  Ciphertext write(const Party& to, std::string_view text) { return *state->encrypt(to.jid, as_bytes(text)); }
  std::string read(const Party& from, const Ciphertext& message) {
    const auto plaintext = state->decrypt(from.jid, message.type, message.bytes);
    return plaintext ? konekwa::to_string(*plaintext) : "error: " + plaintext.error().text();
  }

  Jid jid;
  konekwa::test::SeededRandom random;
  RecordedRows rows;
  DeviceIdentity identity;
  std::unique_ptr<SignalState> state;
};

// Both sides have a ratchet that is past its pkmsg.
inline void introduce(Party& alice, Party& bob) {
  bob.state->generate_prekeys(1, 1);
  const auto started = alice.state->start_session(bob.jid, bob.bundle(1));
  const bool heard = started && bob.read(alice, alice.write(bob, "hello")) == "hello";
  KONEKWA_ASSERT(heard && alice.read(bob, bob.write(alice, "welcome")) == "welcome");
}

}  // namespace konekwa::wa::test
