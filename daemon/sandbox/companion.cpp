#include "daemon/sandbox/companion.h"

#include "common/log.h"
#include "daemon/sandbox/iq_answers.h"
#include "daemon/sandbox/network.h"
#include "daemon/sandbox/pairing.h"
#include "daemon/sandbox/phone.h"
#include "daemon/sandbox/router.h"
#include "daemon/sandbox/targets.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {
namespace {

constexpr Duration kHandshakeTimeout = seconds(30);
constexpr Duration kFarewellTimeout = seconds(5);
constexpr Duration kLateMax = seconds(2);
constexpr int kBadRequest = 400;
constexpr int kLoggedOut = 401;
constexpr int kOutdated = 405;

wa::Node server_ack(std::string_view type, const wa::Node& stanza, Time now) {
  wa::Node ack("ack", {{"class", std::string(type)}, {"id", stanza.attr("id")}});
  if (const auto to = stanza.jid("to")) ack.set("from", *to);
  ack.set_number("t", unix_seconds(now));
  return ack;
}

}  // namespace

Companion::Companion(Network& network) : network_(network) {}

Companion::~Companion() = default;

void Companion::start(const wa::io::Connection::MakeTransport& make) {
  deadline_ = network_.loop.after(kHandshakeTimeout, [this] { network_.clients.retire(*this); });
  connection_ = wa::io::Connection::accept(network_.loop, network_.random, network_.identity, make, *this);
}

void Companion::send(const wa::Node& node) {
  if (is_ended_) return;
  log::debug("sandbox", "to {}: {}", name(), to_string(node));
  if (!network_.tamper) return connection_->send(node);
  wa::Node changed = node;
  network_.tamper(changed);
  connection_->send(changed);
}

void Companion::send_packed(ByteView plaintext) {
  if (!is_ended_) connection_->send_packed(plaintext);
}

void Companion::end(const wa::Node& last_words) {
  if (is_ended_) return;
  send(last_words);
  detach();
  connection_->close();
  deadline_ = network_.loop.after(kFarewellTimeout, [this] { network_.clients.retire(*this); });
}

void Companion::cut() { network_.clients.retire(*this); }

void Companion::detach() {
  is_ended_ = true;
  is_flowing_ = false;
  late_timer_.reset();
  late_.reset();   // its mailbox still has it
  network_.presence.forget(network_, *this);
  if (device_ && device_->outlet == this) {
    device_->outlet = nullptr;
    device_->mailbox.rewind();
  }
  account_ = nullptr;
  device_ = nullptr;
}

std::string Companion::name() const { return account_ ? to_string(account_->pn_jid(device_->id)) : "a client"; }

void Companion::on_connection_ready(const wa::Key& peer_static_key, Bytes client_payload) {
  if (is_ended_) return;
  deadline_.reset();
  auto hello = wa::parse_client_payload(client_payload);
  if (!hello) {
    log::info("sandbox", "a client payload that cannot be read: {}", hello.error().text());
    return refuse(kBadRequest);
  }
  hello_ = std::move(*hello);
  if (network_.minimum_version && hello_.version < *network_.minimum_version) return refuse(kOutdated);
  if (hello_.is_registration) {
    pairing_ = std::make_unique<Pairing>(network_, *this, hello_, peer_static_key);
    return;
  }
  log_in(peer_static_key);
}

void Companion::log_in(const wa::Key& noise_key) {
  if (const int reason = std::exchange(network_.faults.login_failure, 0)) return refuse(reason);
  if (const int code = std::exchange(network_.faults.login_stream_error, 0)) {
    return end(wa::Node("stream:error", {{"code", std::to_string(code)}}));
  }
  Account* account = network_.directory.find_number(hello_.username);
  Device* device = account && hello_.device != 0 ? account->device(hello_.device) : nullptr;
  if (!device || device->noise_public != noise_key) return refuse(kLoggedOut);

  if (device->outlet) {
    const wa::Node conflict("conflict", {{"type", "replaced"}});
    static_cast<Companion*>(device->outlet)->end(wa::Node("stream:error", {}, wa::Node::Children{conflict}));
  }
  account_ = account;
  device_ = device;
  device_->outlet = this;
  device_->mailbox.rewind();
  if (!hello_.push_name.empty() && account_->push_name.empty()) account_->push_name = hello_.push_name;
  log::info("sandbox", "{}:{} is here", log::mask_phone(account_->number), device_->id);

  wa::Node success("success", {{"lid", account_->lid_jid(device_->id)}});
  success.set_number("t", unix_seconds(network_.now()));
  send(success);
  if (!hello_.passive) let_mail_flow();
}

void Companion::refuse(int reason) {
  log::info("sandbox", "a client is refused with {}", reason);
  end(wa::Node("failure", {{"reason", std::to_string(reason)}}));
}

void Companion::let_mail_flow() {
  if (is_flowing_ || !device_) return;
  is_flowing_ = true;
  const std::size_t waiting = device_->mailbox.unsent();
  if (waiting > 0) {
    wa::Node preview("offline_preview");
    preview.set_number("count", static_cast<std::int64_t>(waiting));
    preview.set_number("appdata", 0);
    for (const char* tag : {"message", "notification", "receipt"}) {
      preview.set_number(tag, static_cast<std::int64_t>(device_->mailbox.count(tag)));
    }
    send(wa::Node("ib", {{"from", wa::Jid::of_server()}}, wa::Node::Children{preview}));
  }
  while (const wa::Node* stanza = device_->mailbox.take_unsent()) deliver_one(*stanza, true);
  const wa::Node offline("offline", {{"count", std::to_string(waiting)}});
  send(wa::Node("ib", {{"from", wa::Jid::of_server()}}, wa::Node::Children{offline}));
  welcome();
}

void Companion::welcome() {
  if (device_->is_welcomed || !network_.options.sends_history) return;
  device_->is_welcomed = true;
  network_.keeper.touched();
  network_.phone_of(*account_).welcome(*device_);
}

void Companion::on_mail() {
  if (!is_flowing_) return;
  while (is_flowing_) {
    const wa::Node* stanza = device_->mailbox.take_unsent();
    if (!stanza) return;
    deliver_one(*stanza, false);
  }
}

void Companion::deliver_one(wa::Node stanza, bool is_offline) {
  if (is_offline) stanza.set("offline", "0");
  const bool is_receipt = stanza.tag == "receipt";
  if (is_receipt && !late_ && Faults::strikes(network_.faults.late_receipts)) return put_off(std::move(stanza));
  send(stanza);
  if (stanza.tag == "message" && Faults::strikes(network_.faults.duplicate_messages)) send(stanza);
  if (is_receipt && Faults::strikes(network_.faults.duplicate_receipts)) send(stanza);
  send_late();
}

void Companion::put_off(wa::Node receipt) {
  late_ = std::move(receipt);
  late_timer_ = network_.loop.after(kLateMax, [this] { send_late(); });
}

void Companion::send_late() {
  late_timer_.reset();
  if (const auto receipt = std::exchange(late_, std::nullopt)) send(*receipt);
}

void Companion::on_connection_node(wa::Node node) {
  if (is_ended_) return;
  log::debug("sandbox", "from {}: {}", name(), to_string(node));
  if (pairing_) return pairing_->on_node(node);
  if (!account_) return;

  using Handle = void (*)(Companion&, const wa::Node&);
  static constexpr std::pair<std::string_view, Handle> kByTag[] = {
      {"message", [](Companion& self, const wa::Node& stanza) { self.on_message(stanza); }},
      {"receipt", [](Companion& self, const wa::Node& stanza) { self.on_receipt(stanza); }},
      {"ack", [](Companion& self, const wa::Node& stanza) { self.on_ack(stanza); }},
      {"iq", [](Companion& self, const wa::Node& stanza) { answer_iq(self.network_, self, stanza); }},
      {"presence", [](Companion& self, const wa::Node& stanza) { self.on_presence(stanza); }},
      {"chatstate", [](Companion& self, const wa::Node& stanza) { self.on_chatstate(stanza); }},
      {"call", [](Companion& self, const wa::Node& stanza) { self.on_call(stanza); }},
  };
  for (const auto& [tag, handle] : kByTag) {
    if (tag == node.tag) return handle(*this, node);
  }
}

void Companion::on_message(const wa::Node& message) {
  const Routed routed = route_message(network_, {*account_, *device_}, message);
  if (Faults::strikes_last(network_.faults.cut_after_messages)) return cut();
  if (Faults::strikes(network_.faults.drop_acks)) return;
  wa::Node ack = server_ack("message", message, network_.now());
  if (routed.error != 0) ack.set_number("error", routed.error);
  if (!routed.phash.empty()) ack.set("phash", routed.phash);
  send(ack);
}

void Companion::on_receipt(const wa::Node& receipt) {
  route_receipt(network_, {*account_, *device_}, receipt);
  wa::Node ack = server_ack("receipt", receipt, network_.now());
  if (receipt.has("type")) ack.set("type", receipt.attr("type"));
  if (const auto participant = receipt.jid("participant")) ack.set("participant", *participant);
  send(ack);
}

void Companion::on_ack(const wa::Node& ack) {
  if (is_news_of_devices(ack.attr("type"))) {
    device_->heard_of_devices_at = network_.now();
  }
  if (device_->mailbox.settle(ack.attr("class"), ack.attr("id"), ack.jid("to"))) network_.keeper.touched();
}

void Companion::on_presence(const wa::Node& presence) { network_.presence.on_presence(network_, *this, presence); }

void Companion::on_chatstate(const wa::Node& chatstate) {
  network_.presence.on_chatstate(network_, {*account_, *device_}, chatstate);
}

void Companion::on_call(const wa::Node& call) { send(server_ack("call", call, network_.now())); }

void Companion::on_connection_closed(Error why) {
  log::debug("sandbox", "a client is gone: {}", why.text());
  network_.clients.retire(*this);
}

}  // namespace konekwa::sandbox
