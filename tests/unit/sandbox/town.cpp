#include "tests/unit/sandbox/town.h"

#include "daemon/wa/client_payload.h"
#include "daemon/wa/content.h"
#include "daemon/wa/device_list.h"
#include "daemon/wa/prekeys.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::test {

Town::Town(sandbox::Options o) : options(std::move(o)), network(loop) {
  sandbox = std::make_unique<sandbox::Sandbox>(loop, random, options);
  network.set_accept([this](const MemoryNetwork::MakeTransport& make) { sandbox->accept(make); });
}

void Town::restart() {
  network.cut_all();
  loop.run_until_idle();
  sandbox.reset();
  sandbox = std::make_unique<sandbox::Sandbox>(loop, random, options);
}

std::string Town::admin(const std::string& method, const std::string& target, const std::string& body) {
  const sandbox::SandboxAnswer answer = sandbox->admin(method, target, body);
  return std::to_string(answer.status) + " " + answer.body;
}

std::vector<std::string> Town::kinds_of_violations() const {
  std::vector<std::string> kinds;
  for (const std::string& one : sandbox->violations()) kinds.push_back(one.substr(0, one.find(':')));
  return kinds;
}

Device::Device(Town& town)
    : noise(wa::generate_key_pair(town.random)), identity(wa::generate_device_identity(town.random)), town_(town) {
  signing = identity.identity;
  signal = std::make_unique<wa::SignalState>(identity, nullptr, town_.random);
  adv_secret_ = town_.random.bytes(32);
}

Device::~Device() = default;

void Device::connect(Bytes payload) {
  hang_up();
  heard.clear();
  wa::io::Connection::ClientOptions options;
  options.endpoint = {"ws://town/ws/chat", town_.sandbox->root_key(), ""};
  options.noise_key = noise;
  options.client_payload = std::move(payload);
  connection_ = wa::io::Connection::connect(town_.loop, town_.random, town_.network, std::move(options), *this);
  town_.loop.run_until_idle();
}

std::string Device::show_qr() {
  connect(wa::registration_payload(version, identity));
  REQUIRE(last("iq", "set"));
  const wa::Node iq = *last("iq", "set");
  REQUIRE(iq.child("pair-device"));
  send(wa::iq_result(iq));
  wa::LinkingCode code;
  code.ref = iq.child("pair-device")->child("ref")->text();
  code.noise_public = noise.public_key;
  code.identity_public = identity.identity.public_key;
  code.adv_secret = adv_secret_;
  return wa::to_qr_text(code);
}

void Device::link(const std::string& number) {
  const std::string qr = show_qr();
  REQUIRE(town_.sandbox->scan_qr(qr, number));
  town_.loop.run_until_idle();
  const auto success = wa::accept_pair_success(*last("iq", "set"), adv_secret_, signing, town_.random);
  REQUIRE(success);
  pn = success->jid;
  lid = success->lid;
  account = success->account;
  send(success->answer);
}

void Device::log_in() { connect(wa::login_payload(version, pn)); }

void Device::come_up() {
  log_in();
  REQUIRE(last("success"));
  if (next_prekey_ == 1) upload_prekeys(10);
  ask(wa::active_iq(new_id()));
}

void Device::hang_up() {
  connection_.reset();
  is_ready_ = false;
  town_.loop.run_until_idle();
}

void Device::send(const wa::Node& node) {
  REQUIRE(connection_);
  connection_->send(node);
  town_.loop.run_until_idle();
}

wa::Node Device::ask(wa::Node iq) {
  send(iq);
  for (auto it = heard.rbegin(); it != heard.rend(); ++it) {
    if (it->tag == "iq" && it->attr("id") == iq.attr("id")) return *it;
  }
  FAIL("no answer to " + to_string(iq));
  return {};
}

std::string Device::new_id() { return std::to_string(next_id_++); }

std::size_t Device::upload_prekeys(std::size_t count) {
  const auto prekeys = signal->generate_prekeys(next_prekey_, count);
  next_prekey_ += static_cast<std::uint32_t>(count);
  CHECK(ask(wa::prekey_upload_iq(new_id(), identity, prekeys)).attr("type") == "result");
  return count;
}

wa::Node Device::text_for(const std::string& number, const std::string& text, const std::string& id,
                          const std::vector<wa::Jid>& skip) {
  const wa::Jid to = wa::Jid::pn(number);
  std::vector<wa::Jid> users = {to};
  if (!to.is_same_user(pn)) users.push_back(pn.user_jid());
  const auto lists = wa::parse_devices_usync(ask(wa::devices_usync_iq(new_id(), "sid", users)));
  REQUIRE(lists);
  std::vector<wa::Jid> devices;
  wa::Jid to_lid;
  for (const wa::UserDevices& list : *lists) {
    if (list.user.is_same_user(to)) to_lid = *list.lid;
    for (const std::uint16_t device : list.device_ids) {
      const wa::Jid jid = list.lid->with_device(device);
      if (jid != lid && std::find(skip.begin(), skip.end(), jid) == skip.end()) devices.push_back(jid);
    }
  }
  std::vector<wa::Jid> strangers;
  for (const wa::Jid& device : devices) {
    if (!signal->has_session(device)) strangers.push_back(device);
  }
  if (!strangers.empty()) {
    const auto bundles = wa::parse_prekey_fetch(ask(wa::prekey_fetch_iq(new_id(), strangers)));
    REQUIRE(bundles);
    for (const wa::FetchedBundle& one : *bundles) REQUIRE(signal->start_session(one.device, *one.bundle));
  }
  const Bytes message = wa::encode_text(text);
  const Bytes copy = wa::wrap_device_sent(message, to_lid);
  wa::Node participants("participants");
  for (const wa::Jid& device : devices) {
    const bool is_own = device.is_same_user(lid);
    const auto ciphertext = signal->encrypt(device, wa::pad(is_own ? copy : message, town_.random));
    REQUIRE(ciphertext);
    wa::Node enc("enc", {{"v", "2"}, {"type", std::string(to_string(ciphertext->type))}}, ciphertext->bytes);
    participants.add(wa::Node("to", {{"jid", device}}, wa::Node::Children{enc}));
  }
  wa::Node stanza("message", {{"to", to_lid}, {"id", id}, {"type", "text"}});
  stanza.add(participants);
  stanza.add(wa::Node("device-identity", {}, account));
  return stanza;
}

wa::Node Device::say(const std::string& number, const std::string& text, const std::string& id) {
  send(text_for(number, text, id));
  REQUIRE(last("ack"));
  return *last("ack");
}

wa::Jid Device::canonical(const wa::Node& message) const {
  const wa::Jid from = *message.jid("from");
  if (from.server == wa::Server::Lid) return from;
  if (from.is_same_user(pn)) return lid.with_device(from.device);
  return message.jid("sender_lid")->with_device(from.device);
}

Result<wa::Content> Device::open(const wa::Node& message) {
  const wa::Node& enc = *message.child("enc");
  const auto padded = signal->decrypt(canonical(message), *wa::enc_type_from(enc.attr("type")), enc.bytes());
  if (!padded) return fail(padded.error());
  const auto plain = wa::unpad(*padded);
  if (!plain) return fail(plain.error());
  return wa::parse_content(*plain);
}

Result<std::string> Device::read(const wa::Node& message) {
  const auto content = open(message);
  if (!content) return fail(content.error());
  return content->text;
}

std::vector<wa::Node> Device::all(std::string_view tag, std::string_view type) const {
  std::vector<wa::Node> found;
  for (const wa::Node& node : heard) {
    if (node.tag == tag && (type.empty() || node.attr("type") == type)) found.push_back(node);
  }
  return found;
}

std::optional<wa::Node> Device::last(std::string_view tag, std::string_view type) const {
  const auto found = all(tag, type);
  return found.empty() ? std::nullopt : std::optional(found.back());
}

void Device::on_connection_ready(const wa::Key&, Bytes) { is_ready_ = true; }
void Device::on_connection_node(wa::Node node) { heard.push_back(std::move(node)); }
void Device::on_connection_closed(Error) { connection_.reset(); }

}  // namespace konekwa::test
