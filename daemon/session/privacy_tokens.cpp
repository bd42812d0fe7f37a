#include "daemon/session/privacy_tokens.h"

#include "daemon/wa/stanzas.h"

namespace konekwa::session {
namespace {

// WhatsApp Web counts in weeks and keeps four of them.
constexpr std::int64_t kBucketSeconds = 604'800;
constexpr std::int64_t kBucketsKept = 4;

std::int64_t bucket(Time t) { return unix_seconds(t) / kBucketSeconds; }

}  // namespace

std::string PrivacyTokens::key(const wa::Jid& chat) {
  return to_string(link_.device.addresses().canonical(chat.user_jid()));
}

void PrivacyTokens::attach(wa::Node& message, const wa::Jid& chat) {
  const auto stored = link_.env.readers.get<std::optional<store::devices::PrivacyToken>>([&](store::Database& db) {
    return store::devices::find_privacy_token(db, link_.session, key(chat));
  });
  if (!stored || !stored->has_value() || (*stored)->token.empty()) return;
  const auto received = (*stored)->received_at;
  if (received && bucket(link_.now()) - bucket(*received) >= kBucketsKept) return;  // too old to be honoured
  message.add(wa::Node("tctoken", {}, (*stored)->token));
}

void PrivacyTokens::issue(const wa::Jid& chat) {
  if (!chat.is_person() || link_.device.is_own_user(chat)) return;
  const std::string name = key(chat);
  if (!issued_.insert(name).second) return;
  const auto stored = link_.env.readers.get<std::optional<store::devices::PrivacyToken>>([&](store::Database& db) {
    return store::devices::find_privacy_token(db, link_.session, name);
  });
  const Time now = link_.now();
  if (stored && stored->has_value() && (*stored)->issued_at && bucket(*(*stored)->issued_at) == bucket(now)) return;

  store::WriteBatch batch;
  batch.run([session = link_.session, name, now](store::Database& db) {
    store::devices::set_privacy_token_issued(db, session, name, now);
  });
  const wa::Jid contact = link_.device.addresses().canonical(chat.user_jid());
  link_.commit(std::move(batch));
  // A lost request costs nothing but a token: nobody waits for the answer.
  link_.iq.request(wa::privacy_token_iq(link_.iq.next_id(), contact, now), [](const Result<wa::Node>&) {});
}

void PrivacyTokens::receive(const wa::Node& notification, store::WriteBatch& batch) {
  const wa::Node* tokens = notification.child("tokens");
  const auto from = notification.jid("from");
  if (tokens == nullptr || !from) return;
  if (const auto lid = notification.jid("sender_lid")) link_.device.addresses().learn(*from, *lid);
  for (const wa::Node* token : tokens->children("token")) {
    if (token->attr("type") != "trusted_contact" || token->bytes().empty()) continue;
    const Time at = from_unix_seconds(token->number("t").value_or(unix_seconds(link_.now())));
    batch.run([session = link_.session, name = key(*from), value = to_bytes(token->bytes()), at](store::Database& db) {
      store::devices::put_privacy_token(db, session, name, value, at);
    });
  }
}

}  // namespace konekwa::session
