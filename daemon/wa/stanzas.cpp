#include "daemon/wa/stanzas.h"

#include "daemon/wa/keys.h"
#include "daemon/wa/utf8.h"

namespace konekwa::wa {
namespace {

constexpr std::int64_t kTimeMax = 253402300799;  // 9999-12-31T23:59:59Z, the last that RFC 3339 can say

Node iq_to_server(const std::string& id, const char* type, const char* xmlns) {
  Node iq("iq");
  iq.set("id", id).set("to", Jid::of_server()).set("type", type).set("xmlns", xmlns);
  return iq;
}

// An attribute as it came: a Jid stays one.
void copy_attr(const Node& from, std::string_view key, Node& to, std::string as) {
  for (const auto& [name, value] : from.attrs) {
    if (name != key) continue;
    to.attrs.emplace_back(std::move(as), value);
    return;
  }
}
void copy_attr(const Node& from, std::string_view key, Node& to) { copy_attr(from, key, to, std::string(key)); }

// Requests of the server have a `from`, those of a client only a `to`.
Node iq_answer(const Node& request, const char* type) {
  Node iq("iq");
  if (request.has("from")) {
    copy_attr(request, "from", iq, "to");
  } else {
    copy_attr(request, "to", iq, "from");
  }
  iq.set("type", type).set("id", request.attr("id"));
  return iq;
}

constexpr std::string_view kRecipientAlternates[] = {"peer_recipient_pn", "peer_recipient_lid", "recipient_pn",
                                                     "recipient_lid"};

std::optional<Jid> first_jid(const Node& node, std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (auto jid = node.jid(key)) return jid;
  }
  return std::nullopt;
}

std::string upper_hex(ByteView bytes) {
  std::string text = to_hex(bytes);
  for (char& c : text) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

Node iq_result(const Node& request) { return iq_answer(request, "result"); }

Node iq_error(const Node& request, int code, const std::string& text) {
  Node iq = iq_answer(request, "error");
  Node error("error");
  error.set_number("code", code).set("text", text);
  iq.add(std::move(error));
  return iq;
}

Node ping_iq(const std::string& id) { return iq_to_server(id, "get", "w:p"); }

Node active_iq(const std::string& id) {
  Node iq = iq_to_server(id, "set", "passive");
  iq.add(Node("active"));
  return iq;
}

Node remove_companion_iq(const std::string& id, const Jid& own_device) {
  Node iq = iq_to_server(id, "set", "md");
  Node remove("remove-companion-device");
  remove.set("jid", own_device).set("reason", "user_initiated");
  iq.add(std::move(remove));
  return iq;
}

Node privacy_token_iq(const std::string& id, const Jid& contact, Time at) {
  Node token("token");
  token.set("jid", contact.user_jid()).set_number("t", unix_seconds(at)).set("type", "trusted_contact");
  Node tokens("tokens");
  tokens.add(std::move(token));
  Node iq = iq_to_server(id, "set", "privacy");
  iq.add(std::move(tokens));
  return iq;
}

std::optional<Time> stanza_time(const Node& stanza) {
  const auto t = stanza.number("t");
  if (!t || *t < 0 || *t > kTimeMax) return std::nullopt;
  return from_unix_seconds(*t);
}

// The type of a message is not echoed: its ack says only that it came.
Node ack_of(const Node& stanza, int error) {
  Node ack("ack");
  ack.set("class", stanza.tag).set("id", stanza.attr("id"));
  copy_attr(stanza, "from", ack, "to");
  copy_attr(stanza, "participant", ack);
  copy_attr(stanza, "recipient", ack);
  if (stanza.tag != "message") copy_attr(stanza, "type", ack);
  if (error != 0) ack.set_number("error", error);
  return ack;
}

Result<MessageInfo> parse_message_info(const Node& message) {
  const auto from = message.jid("from");
  const auto t = stanza_time(message);
  MessageInfo info;
  info.id = message.attr("id");
  const bool has_id = !info.id.empty() && is_utf8(info.id);
  if (!has_id || !from || !t) return fail(ErrorCode::PROTOCOL, "a message without id, from or t");
  info.from = *from;
  info.is_group = from->server == Server::Group;
  const bool has_many_senders = info.is_group || from->server == Server::Broadcast;
  const auto participant = message.jid("participant");
  if (has_many_senders && !participant) return fail(ErrorCode::PROTOCOL, "a group message without participant");
  info.sender = has_many_senders ? *participant : *from;
  const bool is_lid = info.sender.server == Server::Lid;
  if (has_many_senders) {
    info.sender_alternate = message.jid(is_lid ? "participant_pn" : "participant_lid");
  } else {
    info.sender_alternate = message.jid(is_lid ? "sender_pn" : "sender_lid");
  }
  info.recipient = message.jid("recipient");
  info.recipient_alternate = first_jid(message, kRecipientAlternates);
  info.push_name = message.attr("notify");
  if (!is_utf8(info.push_name)) info.push_name.clear();
  info.type = message.attr("type");
  info.at = *t;
  info.is_offline = message.has("offline");
  info.is_peer = message.attr("category") == "peer";
  return info;
}

std::string new_stanza_id(const Jid& own, Time now, Random& random) {
  const std::string user = own.user + "@c.us";
  const Bytes time = big_endian(static_cast<std::uint64_t>(unix_seconds(now)), 8);
  const Bytes hash = sha256(concat({time, as_bytes(user), random.array<16>()}));
  return "3EB0" + upper_hex(ByteView(hash).first(9));
}

}  // namespace konekwa::wa
