#include "daemon/session/prekey_keeper.h"

#include "common/log.h"
#include "daemon/wa/linking.h"
#include "daemon/wa/prekeys.h"

namespace konekwa::session {
namespace {

constexpr std::uint32_t kPrekeyIdMax = 0xFFFFFF;

}  // namespace

std::vector<wa::PreKey> PrekeyKeeper::generate(std::size_t count, store::WriteBatch& batch) {
  store::DeviceRow& row = link_.device.row;
  auto prekeys = link_.device.signal().generate_prekeys(row.next_prekey_id, count);
  row.next_prekey_id = prekeys.back().id % kPrekeyIdMax + 1;
  batch.run([session = link_.session, next = row.next_prekey_id](store::Database& db) {
    store::devices::set_next_prekey_id(db, session, next);
  });
  return prekeys;
}

wa::RetryKeys PrekeyKeeper::keys_for_retry(store::WriteBatch& batch) {
  return {generate(1, batch).front(), wa::device_identity_content(link_.device.row.account)};
}

void PrekeyKeeper::ensure(Task done) {
  link_.iq.request(wa::prekey_count_iq(link_.iq.next_id()),
                   alive_.guard([this, done = std::move(done)](const Result<wa::Node>& answer) {
                     const auto count = answer ? wa::parse_prekey_count(*answer) : Result<int>(fail(answer.error()));
                     if (!count) {
                       log::warn("session", "{}: prekey count: {}", link_.session, count.error().text());
                       return done();
                     }
                     const Options& options = link_.env.options;
                     if (*count >= options.prekeys_low) return done();
                     const int missing = *count == 0 ? options.prekeys_first : options.prekeys_more;
                     upload(static_cast<std::size_t>(missing), done);
                   }));
}

void PrekeyKeeper::on_count(int count) {
  if (count < link_.env.options.prekeys_low) upload(static_cast<std::size_t>(link_.env.options.prekeys_more), [] {});
}

void PrekeyKeeper::upload(std::size_t count, Task done) {
  if (is_uploading_) return done();
  is_uploading_ = true;
  store::WriteBatch batch;
  auto prekeys = generate(count, batch);
  auto send = alive_.guard([this, prekeys = std::move(prekeys), done = std::move(done)] {
    const wa::Node iq = wa::prekey_upload_iq(link_.iq.next_id(), link_.device.signal().device(), prekeys);
    link_.iq.request(iq, alive_.guard([this, done](const Result<wa::Node>& answer) {
      is_uploading_ = false;
      if (!answer) log::warn("session", "{}: prekey upload: {}", link_.session, answer.error().text());
      done();
    }));
  });
  link_.commit(std::move(batch), std::move(send));
}

void PrekeyKeeper::check_digest() {
  link_.iq.request(wa::prekey_digest_iq(link_.iq.next_id()), alive_.guard([this](const Result<wa::Node>& answer) {
    const auto first = static_cast<std::size_t>(link_.env.options.prekeys_first);
    if (!answer) {
      // 404: the server has nothing of ours. Other refusals are its own trouble.
      if (answer.error().details.starts_with("404")) upload(first, [] {});
      return;
    }
    const auto digest = wa::parse_digest(*answer);
    if (!digest) return;
    wa::SignalState& signal = link_.device.signal();
    const wa::DeviceIdentity& own = signal.device();
    std::vector<wa::Key> prekeys;
    for (const std::uint32_t id : digest->prekey_ids) {
      const auto prekey = signal.prekey(id);
      if (!prekey) return;  // used meanwhile: a pkmsg for it was faster than this answer
      prekeys.push_back(prekey->key.public_key);
    }
    const Bytes expected = wa::digest_hash(own.identity.public_key, own.signed_prekey.key.public_key,
                                           own.signed_prekey.signature, prekeys);
    if (digest->registration_id == own.registration_id && equal(expected, digest->hash)) return;
    log::warn("session", "{}: the server holds other keys than we do, uploading ours", link_.session);
    upload(first, [] {});
  }));
}

}  // namespace konekwa::session
