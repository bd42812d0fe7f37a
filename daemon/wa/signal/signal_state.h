// The Signal end of one device: its identity, prekeys, and a ratchet for every device it talks to.
//
// Ratchets are read through to durable rows and changed in memory. take_changes() hands over what changed since the
// last call, and the owner makes it durable before anything that depends on it leaves (commit, then send). When such
// a commit fails the object is thrown away and made anew from the rows.
//
// Runs on the session's loop. libsignal's context is inside, one a device; it is not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/random.h"
#include "daemon/wa/jid.h"
#include "daemon/wa/keys.h"
#include "daemon/wa/signal/sender_keys.h"

namespace konekwa::wa {

// What a device is to Signal. Made once, before pairing.
struct DeviceIdentity {
  KeyPair identity;
  std::uint32_t registration_id = 0;
  SignedPreKey signed_prekey;
};
DeviceIdentity generate_device_identity(Random& random);

// A row of one of the four kinds. `key` is a Signal address ("6281234567890.0", "1234_1.5"), a decimal prekey id, or
// sender_key_name().
struct SignalRow {
  enum class Kind : std::uint8_t { Session, Identity, PreKey, SenderKey };
  Kind kind{};
  std::string key;
  std::optional<Bytes> value;  // nothing: the row is to be deleted

  bool operator==(const SignalRow&) const = default;
};

// Read access to what is durable. Called synchronously, one row at a time.
class SignalRows {
 public:
  virtual ~SignalRows() = default;
  virtual std::optional<Bytes> find(SignalRow::Kind kind, const std::string& key) const = 0;
};

// What the server hands out of a device, to start a ratchet with it.
struct PreKeyBundle {
  std::uint32_t registration_id = 0;
  Key identity{};
  std::uint32_t signed_prekey_id = 0;
  Key signed_prekey{};
  Signature signed_prekey_signature{};
  struct OneTime {
    std::uint32_t id = 0;
    Key key{};
  };
  std::optional<OneTime> prekey;
};

enum class EncType : std::uint8_t { Msg, PkMsg, SkMsg };
std::string_view to_string(EncType type);                     // "msg", "pkmsg", "skmsg"
std::optional<EncType> enc_type_from(std::string_view text);

struct Ciphertext {
  EncType type{};
  Bytes bytes;
};

class SignalState {
 public:
  // `rows` may be null: then memory is all there is (phones of the sandbox, tests). It must outlive this object.
  SignalState(DeviceIdentity identity, const SignalRows* rows, Random& random);
  ~SignalState();
  SignalState(SignalState&&) noexcept;

  // Jids are used as given: the caller has canonicalised them (LID when it is known).
  bool has_session(const Jid& device) const;
  Result<> start_session(const Jid& device, const PreKeyBundle& bundle);   // BAD_SIGNATURE when the bundle lies
  // A ratchet was begun with the bundle's one-time prekey, and the other side has not answered in it yet. A one-time
  // prekey begins one ratchet: a second one could not be read.
  bool has_begun_from(const Jid& device, const PreKeyBundle& bundle) const;
  Result<Ciphertext> encrypt(const Jid& device, ByteView padded);          // NO_SESSION
  // DUPLICATE: the key was used already. NO_SESSION: nothing to decrypt with. PROTOCOL: damaged or a bad MAC.
  // An skmsg is for sender_keys() to decrypt.
  // A pkmsg from a changed identity is trusted and reported by identity_changed() until the next call of decrypt.
  Result<Bytes> decrypt(const Jid& device, EncType type, ByteView ciphertext);
  bool identity_changed() const;
  void delete_session(const Jid& device);
  void delete_identity(const Jid& device);
  std::optional<Key> identity_of(const Jid& device) const;
  void set_identity(const Jid& device, const Key& identity);
  // Moves the ratchet and identity of one device to another address, unless that address has a ratchet (PN to LID).
  void migrate(const Jid& from, const Jid& to);
  std::optional<std::uint32_t> remote_registration_id(const Jid& device) const;
  std::optional<Bytes> base_key(const Jid& device) const;   // of the present ratchet; to see whether it was replaced

  SenderKeys& sender_keys();   // of groups

  // One-time prekeys. Ids run from `first_id` and wrap at 0xFFFFFF.
  std::vector<PreKey> generate_prekeys(std::uint32_t first_id, std::size_t count);
  std::optional<PreKey> prekey(std::uint32_t id) const;
  void store_prekey(const PreKey& prekey);

  const DeviceIdentity& device() const;
  std::vector<SignalRow> take_changes();
  // Drops what is not dirty from memory, to be read again when needed. Only when everything that take_changes() gave
  // out is durable, and only with rows to read from.
  void forget_clean();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

std::string signal_address(const Jid& device);  // the key of Session and Identity rows

}  // namespace konekwa::wa
