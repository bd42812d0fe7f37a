#include "daemon/session/device.h"

#include "daemon/wa/keys.h"

namespace konekwa::session {
namespace {

class StoredRows final : public wa::SignalRows {
 public:
  StoredRows(std::string session, store::Readers& readers) : session_(std::move(session)), readers_(readers) {}
  std::optional<Bytes> find(wa::SignalRow::Kind kind, const std::string& key) const override {
    auto row = readers_.get<std::optional<Bytes>>([&](store::Database& db) {
      return store::devices::find_signal(db, session_, static_cast<int>(kind), key);
    });
    return row ? std::move(*row) : std::nullopt;
  }

 private:
  std::string session_;
  store::Readers& readers_;
};

store::DeviceRow fresh_row(const std::string& session, Random& random) {
  const wa::KeyPair noise = wa::generate_key_pair(random);
  const wa::DeviceIdentity identity = wa::generate_device_identity(random);
  store::DeviceRow row;
  row.session = session;
  row.noise_private = to_bytes(ByteView(noise.private_key));
  row.identity_private = to_bytes(ByteView(identity.identity.private_key));
  row.registration_id = identity.registration_id;
  row.signed_prekey_id = identity.signed_prekey.id;
  row.signed_prekey_private = to_bytes(ByteView(identity.signed_prekey.key.private_key));
  row.signed_prekey_signature = to_bytes(ByteView(identity.signed_prekey.signature));
  row.adv_secret = random.bytes(32);
  row.next_prekey_id = 1;
  return row;
}

Result<wa::KeyPair> key_pair(const Bytes& private_key) {
  const auto key = to_array<32>(private_key);
  if (!key) return fail(ErrorCode::INTERNAL_ERROR, "a stored key has the wrong length");
  return wa::key_pair_from_private(*key);
}

Result<wa::DeviceIdentity> identity_of(const store::DeviceRow& row) {
  const auto identity = key_pair(row.identity_private);
  const auto prekey = key_pair(row.signed_prekey_private);
  const auto signature = to_array<64>(row.signed_prekey_signature);
  if (!identity || !prekey || !signature) return fail(ErrorCode::INTERNAL_ERROR, "the stored device is damaged");
  return wa::DeviceIdentity{*identity, row.registration_id, {row.signed_prekey_id, *prekey, *signature}};
}

}  // namespace

Result<std::unique_ptr<Device>> Device::load(const std::string& session, store::Readers& readers, Random& random) {
  auto stored = readers.get<std::optional<store::DeviceRow>>(
      [&](store::Database& db) { return store::devices::find(db, session); });
  if (!stored) return fail(stored.error());

  auto device = std::unique_ptr<Device>(new Device);
  device->row = stored->has_value() ? std::move(**stored) : fresh_row(session, random);
  auto identity = identity_of(device->row);
  if (!identity) return fail(identity.error());
  device->rows_ = std::make_unique<StoredRows>(session, readers);
  device->signal_ = std::make_unique<wa::SignalState>(std::move(*identity), device->rows_.get(), random);
  device->addresses_ = std::make_unique<AddressBook>(session, readers, *device->signal_);
  device->groups_ = std::make_unique<GroupBook>(session, readers, *device->addresses_);
  return device;
}

wa::Jid Device::jid() const { return wa::Jid::parse(row.jid).value_or(wa::Jid{}); }
wa::Jid Device::lid() const { return wa::Jid::parse(row.lid).value_or(wa::Jid{}); }

bool Device::is_own_user(const wa::Jid& user) const {
  return is_linked() && (user.is_same_user(jid()) || (!row.lid.empty() && user.is_same_user(lid())));
}

wa::KeyPair Device::noise_key() const {
  const auto key = key_pair(row.noise_private);
  return key ? *key : wa::KeyPair{};
}

void Device::save(store::WriteBatch& batch) const {
  batch.run([copy = row](store::Database& db) { store::devices::save(db, copy); });
}

void Device::take_changes(store::WriteBatch& batch, Time now) {
  auto changes = signal_->take_changes();
  if (!changes.empty()) {
    batch.run([session = row.session, changes = std::move(changes)](store::Database& db) {
      for (const wa::SignalRow& change : changes) {
        store::devices::put_signal(db, session, static_cast<int>(change.kind), change.key, change.value);
      }
    });
  }
  addresses_->take_changes(batch, now);
  groups_->take_changes(batch);
}

void Device::forget_clean() {
  signal_->forget_clean();
  addresses_->forget_clean();
  groups_->forget_clean();
}

}  // namespace konekwa::session
