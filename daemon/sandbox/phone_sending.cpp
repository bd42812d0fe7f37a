// What a phone sends: messages with a ciphertext for every device, once more for those that ask, and what a companion
// needs to begin.
#include "daemon/sandbox/key_answers.h"
#include "daemon/sandbox/phone.h"
#include "daemon/sandbox/privacy_tokens.h"
#include "daemon/sandbox/router.h"
#include "daemon/wa/content_nodes.h"

namespace konekwa::sandbox {
namespace {

constexpr int kResendsMax = 5;  // a message and a device
constexpr std::size_t kMessageIdBytes = 16;
constexpr std::size_t kMessageSecretBytes = 32;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

wa::StanzaType type_of(const SentMessage& message) {
  const auto content = wa::parse_content(message.message);
  return content ? wa::stanza_type(*content) : wa::StanzaType{"text", "", "", false, {}};
}

wa::Node dressed(wa::Node enc, const wa::StanzaType& type) {
  wa::set_content_type(enc, type);
  return enc;
}

wa::Node stanza_for(const wa::Jid& to, const SentMessage& message, const wa::StanzaType& type) {
  wa::Node stanza = wa::message_node(to, message.id, type);
  wa::add_meta(stanza, type);
  return stanza;
}

}  // namespace

SentMessage new_message(Network& network, std::string chat, const std::string& text) {
  SentMessage message;
  message.id = upper(to_hex(network.random.bytes(kMessageIdBytes)));
  message.chat = std::move(chat);
  message.text = text;
  message.message = wa::encode_text(text);
  message.at = network.now();
  return message;
}

wa::PreKey Phone::fresh_prekey() {
  constexpr std::uint32_t kPrekeyIdMax = 0xFFFFFF;
  const std::uint32_t id = record_.next_prekey_id;
  record_.next_prekey_id = id == kPrekeyIdMax ? 1 : id + 1;
  wa::PreKey prekey = signal_.generate_prekeys(id, 1).front();
  remember();
  return prekey;
}

void Phone::start_session(const wa::Jid& device) {
  Account* account = network_.directory.find(device);
  Device* peer = account ? account->device(device.device) : nullptr;
  if (!peer) return;
  const auto started = signal_.start_session(device, take_bundle(network_, account_.lid_jid(), *account, *peer));
  if (!started) network_.blame({*account, *peer}, "bundle", started.error().text());
}

wa::Node Phone::encrypted_for(const wa::Jid& device, ByteView message) {
  if (!signal_.has_session(device)) start_session(device);
  wa::Node enc("enc", {{"v", "2"}});
  const auto ciphertext = signal_.encrypt(device, wa::pad(message, network_.random));
  if (!ciphertext) return enc;  // its bundle was bad, which is on record
  enc.set("type", std::string(to_string(ciphertext->type)));
  enc.content = ciphertext->bytes;
  return enc;
}

Result<std::string> Phone::say(Account& to, const Saying& saying) {
  auto content = content_of(saying);
  if (!content) return fail(content.error());
  SentMessage message;
  message.id = upper(to_hex(network_.random.bytes(kMessageIdBytes)));
  message.at = network_.now();
  content->acted_at_ms = unix_ms(message.at);
  if (const auto referred = refer(saying, to, *content); !referred) return fail(referred.error());
  if (content->media) {
    if (const auto put = upload(saying, message.id, content->media->file); !put) return fail(put.error());
  }
  const bool has_secret = content->kind == wa::Content::Kind::Poll;
  message.chat = to.lid;
  message.kind = saying.kind;
  message.text = saying.text;
  message.message = wa::encode_content(*content, has_secret ? network_.random.bytes(kMessageSecretBytes) : Bytes());
  send(message, to);
  give_privacy_token(network_, account_, to, network_.now());
  const std::string id = message.id;
  remember_sent(std::move(message));
  return id;
}

void Phone::remember_sent(SentMessage message) {
  record_.sent.push_back(std::move(message));
  if (record_.sent.size() > kPhoneMessagesMax) record_.sent.pop_front();
}

void Phone::send(const SentMessage& message, Account& chat) {
  const wa::StanzaType type = type_of(message);
  wa::Node participants("participants");
  const auto add = [&](const wa::Jid& device, ByteView plaintext) {
    wa::Node enc = dressed(encrypted_for(device, plaintext), type);
    participants.add(wa::Node("to", {{"jid", device}}, wa::Node::Children{std::move(enc)}));
  };
  if (&chat != &account_) {
    for (const auto& [id, device] : chat.devices) add(chat.lid_jid(id), message.message);
  }
  const Bytes copy = wa::wrap_device_sent(message.message, chat.lid_jid());
  for (const auto& [id, device] : account_.devices) {
    if (id != 0) add(account_.lid_jid(id), copy);
  }
  wa::Node stanza = stanza_for(chat.lid_jid(), message, type);
  stanza.add(participants);
  if (const auto token = record_.tokens.find(chat.lid); token != record_.tokens.end()) {
    stanza.add(wa::Node("tctoken", {}, token->second));
  }
  remember();
  route_message(network_, self(), stanza);
}

void Phone::encrypt_again(const wa::Node& receipt) {
  const auto request = wa::parse_retry_receipt(receipt);
  if (!request) return;
  const wa::Jid device = canonical(request->requester);
  const auto sent = std::find_if(record_.sent.begin(), record_.sent.end(),
                                 [&](const SentMessage& one) { return one.id == request->message_id; });
  if (sent == record_.sent.end() || ++sent->retries[to_string(device)] > kResendsMax) return;
  if (!renew_session(*request, device)) return;
  Account* chat = network_.directory.find_lid(sent->chat);
  if (!chat) return encrypt_again_for_group(*request, *sent);
  const bool is_own = network_.directory.find(device) == &account_;
  const Bytes plaintext = is_own ? wa::wrap_device_sent(sent->message, chat->lid_jid()) : sent->message;
  const wa::StanzaType type = type_of(*sent);
  wa::Node enc = dressed(encrypted_for(device, plaintext), type);
  enc.set_number("count", request->count);
  wa::Node stanza = stanza_for(device, *sent, type);
  stanza.set("device_fanout", "false");
  if (is_own) stanza.set("recipient", chat->lid_jid());
  stanza.add(enc);
  remember();
  route_message(network_, self(), stanza);
}

bool Phone::renew_session(const wa::RetryRequest& request, const wa::Jid& device) {
  if (request.bundle) return signal_.start_session(device, *request.bundle).has_value();
  if (request.count > 1 || !signal_.has_session(device)) start_session(device);
  return true;
}

void Phone::corrupt(const Account& peer) {
  for (const auto& [id, device] : peer.devices) {
    // A ratchet with a device that does not exist, under this one's address: neither end can read the other.
    const wa::KeyPair stranger = wa::generate_key_pair(network_.random);
    const wa::SignedPreKey prekey =
        wa::generate_signed_prekey(stranger, device.keys.signed_prekey.id, network_.random);
    wa::PreKeyBundle bundle;
    bundle.registration_id = device.keys.registration_id;
    bundle.identity = stranger.public_key;
    bundle.signed_prekey_id = prekey.id;
    bundle.signed_prekey = prekey.key.public_key;
    bundle.signed_prekey_signature = prekey.signature;
    const wa::Jid address = peer.lid_jid(id);
    signal_.delete_session(address);
    signal_.delete_identity(address);
    const auto started = signal_.start_session(address, bundle);
    KONEKWA_ASSERT(started);
  }
  remember();
  network_.keeper.touched();
}

void Phone::welcome(Device& companion) {
  share_app_state_keys(companion);
  const Bytes history = wa::encode_history_notification(wa::HistorySyncType::InitialBootstrap, 1, 100);
  route_peer_message(network_, self(), companion, encrypted_for(account_.lid_jid(companion.id), history));
  remember();
}

void Phone::share_app_state_keys(Device& companion) {
  const Bytes keys = wa::encode_app_state_key_share(account_.app_state_key_id, account_.app_state_key, network_.now());
  route_peer_message(network_, self(), companion, encrypted_for(account_.lid_jid(companion.id), keys));
}

}  // namespace konekwa::sandbox
