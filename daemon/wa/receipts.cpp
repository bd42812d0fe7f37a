#include "daemon/wa/stanzas.h"

#include <algorithm>

namespace konekwa::wa {
namespace {

constexpr std::size_t kRegistrationIdSize = 4;
constexpr std::size_t kReceiptIdsMax = 4096;   // each costs a look into the rows; clients name a few hundred at once
constexpr std::int64_t kRetryCountMax = 1000;  // nobody counts that far; it keeps the number an int
const Bytes kKeyType = {5};

struct KindName {
  ReceiptKind kind;
  std::string_view name;
};
constexpr KindName kKindNames[] = {
    {ReceiptKind::Delivered, ""},
    {ReceiptKind::Inactive, "inactive"},
    {ReceiptKind::Read, "read"},
    {ReceiptKind::ReadSelf, "read-self"},
    {ReceiptKind::Played, "played"},
    {ReceiptKind::Sender, "sender"},
    {ReceiptKind::PeerMessage, "peer_msg"},
    {ReceiptKind::HistorySync, "hist_sync"},
    {ReceiptKind::Retry, "retry"},
    {ReceiptKind::ServerError, "server-error"},
};

ReceiptKind kind_from(std::string_view name) {
  for (const KindName& known : kKindNames) {
    if (known.name == name) return known.kind;
  }
  return ReceiptKind::Other;
}

// What every receipt of a message has: where it goes, and whose message it is of.
Node receipt_for(const Node& message) {
  Node receipt("receipt");
  receipt.set("id", message.attr("id"));
  if (const auto from = message.jid("from")) receipt.set("to", *from);
  if (const auto participant = message.jid("participant")) receipt.set("participant", *participant);
  if (const auto recipient = message.jid("recipient")) receipt.set("recipient", *recipient);
  return receipt;
}

Node retry_keys_node(const DeviceIdentity& own, const RetryKeys& keys) {
  Node node("keys");
  node.add(Node("type", {}, kKeyType));
  node.add(Node("identity", {}, to_bytes(own.identity.public_key)));
  node.add(prekey_node(keys.prekey.id, keys.prekey.key.public_key));
  node.add(signed_prekey_node(own.signed_prekey));
  if (!keys.device_identity.empty()) node.add(Node("device-identity", {}, keys.device_identity));
  return node;
}

Result<std::uint32_t> registration_id_of(const Node& receipt) {
  const Node* registration = receipt.child("registration");
  if (!registration || registration->bytes().size() != kRegistrationIdSize) {
    return fail(ErrorCode::PROTOCOL, "a retry receipt without a registration id");
  }
  return static_cast<std::uint32_t>(read_big_endian(registration->bytes()));
}

}  // namespace

std::string_view to_string(ReceiptKind kind) {
  for (const KindName& known : kKindNames) {
    if (known.kind == kind) return known.name;
  }
  return "other";
}

std::optional<Receipt> parse_receipt(const Node& node, Time now) {
  const auto from = node.jid("from");
  const std::string id = node.attr("id");
  if (!from || id.empty()) return std::nullopt;
  Receipt receipt;
  receipt.kind = kind_from(node.attr("type"));
  receipt.from = *from;
  receipt.participant = node.jid("participant");
  receipt.recipient = node.jid("recipient");
  receipt.message_ids.push_back(id);
  if (const Node* list = node.child("list")) {
    for (const Node* item : list->children("item")) {
      const std::string item_id = item->attr("id");
      if (receipt.message_ids.size() == kReceiptIdsMax) break;
      if (!item_id.empty() && item_id != id) receipt.message_ids.push_back(item_id);
    }
  }
  receipt.at = stanza_time(node).value_or(now);
  return receipt;
}

Node read_receipt(const Node& message, Time at) {
  Node receipt("receipt", {{"id", message.attr("id")}, {"type", "read"}});
  if (const auto from = message.jid("from")) receipt.set("to", from->user_jid());
  if (const auto participant = message.jid("participant")) receipt.set("participant", *participant);
  receipt.set_number("t", unix_ms(at) / 1000);
  return receipt;
}

Node composing(const Jid& chat) {
  Node state("chatstate", {{"to", chat}});
  state.add(Node("composing"));
  return state;
}

Node delivery_receipt(const Node& message, ReceiptKind kind) {
  Node receipt = receipt_for(message);
  // The history came from the phone, but its receipt goes to the account.
  const auto from = message.jid("from");
  if (kind == ReceiptKind::HistorySync && from) receipt.set("to", from->user_jid());
  if (kind != ReceiptKind::Delivered) receipt.set("type", std::string(to_string(kind)));
  return receipt;
}

Node retry_receipt(const Node& message, int count, const DeviceIdentity& own, const std::optional<RetryKeys>& keys) {
  Node receipt = receipt_for(message);
  receipt.set("type", "retry");
  if (message.attr("category") == "peer") receipt.set("category", "peer");
  Node retry("retry");
  retry.set_number("count", count).set("id", message.attr("id")).set("t", message.attr("t")).set("v", "1");
  receipt.add(std::move(retry)).add(registration_node(own.registration_id));
  if (keys) receipt.add(retry_keys_node(own, *keys));
  return receipt;
}

Result<RetryRequest> parse_retry_receipt(const Node& receipt) {
  const Node* retry = receipt.child("retry");
  const auto from = receipt.jid("from");
  if (!retry || !from) return fail(ErrorCode::PROTOCOL, "a retry receipt without <retry> or from");
  RetryRequest request;
  // Between two people nobody speaks for another.
  request.requester = from->is_person() ? *from : receipt.jid("participant").value_or(*from);
  request.message_id = retry->has("id") ? retry->attr("id") : receipt.attr("id");
  if (request.message_id.empty() || !request.requester.is_person()) {
    return fail(ErrorCode::PROTOCOL, "a retry receipt without message id or device");
  }
  request.count = static_cast<int>(std::clamp<std::int64_t>(retry->number("count").value_or(1), 1, kRetryCountMax));
  const auto registration_id = registration_id_of(receipt);
  if (!registration_id) return fail(registration_id.error());
  request.registration_id = *registration_id;
  if (const Node* keys = receipt.child("keys")) {
    auto bundle = parse_bundle(*keys, receipt);
    if (!bundle) return fail(bundle.error());
    request.bundle = std::move(*bundle);
  }
  return request;
}

}  // namespace konekwa::wa
