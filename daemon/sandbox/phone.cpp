#include "daemon/sandbox/phone.h"

#include "common/log.h"
#include "daemon/sandbox/key_answers.h"
#include "daemon/sandbox/router.h"

namespace konekwa::sandbox {
namespace {

constexpr int kRetryReceiptsMax = 4;            // a fifth is refused by most clients
constexpr int kAppStateKeyRequest = 7;          // ProtocolMessage.Type

template <class T>
void keep(std::deque<T>& list, T one) {
  list.push_back(std::move(one));
  if (list.size() > kPhoneMessagesMax) list.pop_front();
}

}  // namespace

Phone::Phone(Network& network, Account& account)
    : network_(network),
      account_(account),
      record_(account.phone),
      signal_(account.phone.identity, &account.phone.rows, network.random) {
  self().device.outlet = this;
  on_mail();
}

Phone::~Phone() { self().device.outlet = nullptr; }

void Phone::on_mail() {
  if (!record_.is_online || turn_.is_pending()) return;
  // On a turn of its own: whoever delivers is in the middle of something.
  turn_ = network_.loop.after(Duration::zero(), [this] { drain(); });
}

void Phone::drain() {
  turn_.reset();
  Mailbox& mailbox = self().device.mailbox;
  while (const wa::Node* next = mailbox.take_unsent()) {
    const wa::Node stanza = *next;
    if (stanza.tag == "message") on_message(stanza);
    if (stanza.tag == "receipt") on_receipt(stanza);
    if (stanza.tag == "notification") on_notification(stanza);
    mailbox.settle(stanza.tag, stanza.attr("id"), stanza.jid("from"));
  }
  remember();
  network_.keeper.touched();
}

void Phone::remember() { record_.rows.apply(signal_.take_changes()); }

void Phone::set_online(bool online) {
  record_.is_online = online;
  if (!online) turn_.reset();
  network_.keeper.touched();
  on_mail();
}

wa::Jid Phone::canonical(const wa::Jid& device) const {
  const Account* account = network_.directory.find(device);
  return account ? account->lid_jid(device.device) : device;
}

// --- what comes in ---

void Phone::on_message(const wa::Node& message) {
  auto decrypted = decrypt(message);
  const std::string key = fmt::format("{} {}", message.attr("from"), message.attr("id"));
  if (decrypted) {
    record_.failures.erase(key);
    return take(message, std::move(*decrypted));
  }
  log::info("sandbox", "the phone of {} cannot decrypt {}: {}", log::mask_phone(account_.number), message.attr("id"),
            decrypted.error().text());
  if (decrypted.error().code == ErrorCode::DUPLICATE) {
    return route_receipt(network_, self(), wa::delivery_receipt(message, wa::ReceiptKind::Delivered));
  }
  const auto sender = message.has("participant") ? message.jid("participant") : message.jid("from");
  if (sender) ask_again(message, canonical(*sender), decrypted.error().code == ErrorCode::NO_SESSION);
}

Result<Phone::Decrypted> Phone::decrypt(const wa::Node& message) {
  auto info = wa::parse_message_info(message);
  if (!info) return fail(info.error());
  const wa::Jid sender = canonical(info->sender);
  // In a group the first part may bring the key of the second; each may be a repetition, and one is enough.
  std::optional<wa::Content> content;
  Error failure(ErrorCode::PROTOCOL, "a message without a ciphertext");
  for (const wa::Node* enc : message.children("enc")) {
    auto part = decrypt_part(*info, sender, *enc);
    if (!part) {
      failure = part.error();
      continue;
    }
    if (part->sender_key) take_sender_key(*info, sender, *part->sender_key);
    if (!content || part->kind != wa::Content::Kind::KeyDistribution) content = std::move(*part);
  }
  const bool has_more = content && content->kind == wa::Content::Kind::KeyDistribution && info->is_group;
  if (!content || (has_more && message.children("enc").size() > 1)) return fail(failure);
  return Decrypted{std::move(*info), sender, std::move(*content)};
}

Result<wa::Content> Phone::decrypt_part(const wa::MessageInfo& info, const wa::Jid& sender, const wa::Node& enc) {
  const auto type = wa::enc_type_from(enc.attr("type"));
  if (!type) return fail(ErrorCode::PROTOCOL, "a ciphertext of an unknown type");
  auto padded = *type == wa::EncType::SkMsg ? signal_.sender_keys().decrypt(info.from, sender, enc.bytes())
                                            : signal_.decrypt(sender, *type, enc.bytes());
  if (!padded) return fail(padded.error());
  auto plain = wa::unpad(*padded);
  if (!plain) return fail(plain.error());
  return wa::parse_content(*plain);
}

void Phone::take(const wa::Node& message, Decrypted decrypted) {
  const bool is_own = network_.directory.find(decrypted.sender) == &account_;
  check_copy(decrypted);
  check_type(message, decrypted);
  const wa::Content::Kind shown = decrypted.content.kind;
  if (shown != wa::Content::Kind::Protocol && shown != wa::Content::Kind::KeyDistribution) put_into_inbox(decrypted);
  if (is_own && decrypted.content.protocol_type == kAppStateKeyRequest) {
    if (Device* asker = account_.device(decrypted.sender.device)) share_app_state_keys(*asker);
  }
  const wa::ReceiptKind kind = decrypted.info.is_peer ? wa::ReceiptKind::PeerMessage
                               : is_own               ? wa::ReceiptKind::Sender
                                                      : wa::ReceiptKind::Delivered;
  route_receipt(network_, self(), wa::delivery_receipt(message, kind));
}

void Phone::check_copy(const Decrypted& decrypted) const {
  Account* sender = network_.directory.find(decrypted.sender);
  Device* device = sender ? sender->device(decrypted.sender.device) : nullptr;
  if (!device || device->id == 0 || decrypted.info.is_peer || decrypted.info.is_group) return;
  const Party who{*sender, *device};
  const auto& sent_to = decrypted.content.sent_to;
  if (sender != &account_) {
    if (sent_to) network_.blame(who, "device-sent", fmt::format("{} for somebody else is wrapped", decrypted.info.id));
    return;
  }
  const Account* chat = decrypted.info.recipient ? network_.directory.find(*decrypted.info.recipient) : nullptr;
  if (chat == &account_) return;  // in a chat with oneself clients may leave the wrapping out
  if (!sent_to) {
    network_.blame(who, "device-sent", fmt::format("the copy of {} is no deviceSentMessage", decrypted.info.id));
  } else if (network_.directory.find(*sent_to) != chat) {
    network_.blame(who, "device-sent", fmt::format("the copy of {} names {}", decrypted.info.id, to_string(*sent_to)));
  }
}

// WhatsApp drops media in a stanza that does not say so.
void Phone::check_type(const wa::Node& message, const Decrypted& decrypted) const {
  if (decrypted.content.kind != wa::Content::Kind::Media) return;
  const wa::Node* enc = message.child("enc");
  if (message.attr("type") == "media" && enc && enc->has("mediatype")) return;
  Account* sender = network_.directory.find(decrypted.sender);
  Device* device = sender ? sender->device(decrypted.sender.device) : nullptr;
  if (!device) return;
  network_.blame({*sender, *device}, "media",
                 fmt::format("{} has a file, but not type='media' and a mediatype", decrypted.info.id));
}

void Phone::put_into_inbox(const Decrypted& decrypted) {
  const Account* sender = network_.directory.find(decrypted.sender);
  const bool from_me = sender == &account_;
  const auto& recipient = decrypted.info.recipient;
  const Account* person = from_me && recipient ? network_.directory.find(*recipient) : sender;
  const bool is_group = decrypted.info.is_group;
  const bool is_there = std::any_of(record_.inbox.begin(), record_.inbox.end(), [&](const ReceivedMessage& one) {
    return one.seen.id == decrypted.info.id && one.seen.from == sender->number;
  });
  if (!sender || !person || is_there) return;
  ReceivedMessage received;
  received.seen.from = sender->number;
  received.seen.chat = is_group ? to_string(decrypted.info.from) : person->number;
  received.seen.id = decrypted.info.id;
  received.seen.kind = kind_of(decrypted.content);
  received.seen.text = text_of(decrypted.content);
  const wa::Content& content = decrypted.content;
  const bool is_bare = content.kind == wa::Content::Kind::Text && content.context.is_empty() && !content.preview;
  if (!is_bare) received.message = decrypted.content.message;
  received.seen.from_me = from_me;
  received.seen.at = decrypted.info.at;
  received.from = decrypted.info.from;
  if (is_group) received.participant = decrypted.info.sender;
  if (decrypted.content.media) fetch(received, decrypted);
  apply(decrypted, *sender);
  keep(record_.inbox, std::move(received));
}

void Phone::ask_again(const wa::Node& message, const wa::Jid& sender, bool has_no_session) {
  if (record_.failures.size() > kPhoneMessagesMax) record_.failures.clear();
  int& count = record_.failures[fmt::format("{} {}", message.attr("from"), message.attr("id"))];
  if (count >= kRetryReceiptsMax) return;
  ++count;
  std::optional<wa::RetryKeys> keys;
  if (count > 1 || has_no_session) {
    keys = wa::RetryKeys{fresh_prekey(), {}};
    self().device.keys.issued[keys->prekey.id] = {sender, {}};
  }
  route_receipt(network_, self(), wa::retry_receipt(message, count, record_.identity, keys));
}

void Phone::on_receipt(const wa::Node& receipt) {
  if (receipt.attr("type") == "retry") return encrypt_again(receipt);
  if (receipt.attr("type") == "server-error") return upload_again(receipt);
  const auto parsed = wa::parse_receipt(receipt, network_.now());
  if (!parsed) return;
  for (SentMessage& sent : record_.sent) {
    const auto& ids = parsed->message_ids;
    if (std::find(ids.begin(), ids.end(), sent.id) == ids.end()) continue;
    const char* reader = parsed->participant ? "participant" : "from";
    sent.ticks.push_back({receipt.attr(reader), receipt.attr("type"), network_.now()});
  }
}

void Phone::on_notification(const wa::Node& notification) {
  const wa::Node* tokens = notification.attr("type") == "privacy_token" ? notification.child("tokens") : nullptr;
  const wa::Node* token = tokens ? tokens->child("token") : nullptr;
  const auto from = notification.jid("from");
  const Account* contact = token && from ? network_.directory.find(*from) : nullptr;
  if (contact) record_.tokens[contact->lid] = to_bytes(token->bytes());
}

Result<> Phone::read(const std::string& message_id) {
  const auto found = std::find_if(record_.inbox.begin(), record_.inbox.end(), [&](const ReceivedMessage& one) {
    return one.seen.id == message_id && !one.seen.from_me;
  });
  if (found == record_.inbox.end()) return fail(ErrorCode::MESSAGE_NOT_FOUND);
  found->is_read = true;
  wa::Node receipt("receipt", {{"to", found->from.user_jid()}, {"id", message_id}, {"type", "read"}});
  receipt.set_number("t", unix_seconds(network_.now()));
  if (found->participant) receipt.set("participant", *found->participant);
  route_receipt(network_, self(), receipt);
  return {};
}

}  // namespace konekwa::sandbox
