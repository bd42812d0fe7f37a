#include "daemon/sandbox/pairing.h"

#include <numeric>

#include "common/log.h"
#include "daemon/sandbox/checks.h"
#include "daemon/sandbox/companion.h"
#include "daemon/sandbox/device_changes.h"
#include "daemon/sandbox/network.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kRefBytes = 32;

}  // namespace

Pairing::Pairing(Network& network, Companion& client, const wa::ClientHelloInfo& hello, const wa::Key& noise_key)
    : network_(network), client_(client), hello_(hello), noise_key_(noise_key) {
  show_refs();
}

void Pairing::show_refs() {
  wa::Node pair_device("pair-device");
  for (std::size_t i = 0; i < network_.options.qr_lifetimes.size(); ++i) {
    refs_.push_back("2@" + to_base64(network_.random.bytes(kRefBytes)));
    pair_device.add(wa::Node("ref", {}, to_bytes(refs_.back())));
  }
  wa::Node iq("iq", {{"from", wa::Jid::of_server()}, {"type", "set"}, {"id", network_.new_id()}, {"xmlns", "md"}});
  iq.add(pair_device);
  client_.send(iq);
  // Each ref stays good until the last has expired: only the client knows which it shows.
  const Duration total = std::accumulate(network_.options.qr_lifetimes.begin(), network_.options.qr_lifetimes.end(),
                                         Duration::zero());
  expiry_ = network_.loop.after(total, [this] { client_.end(wa::Node("xmlstreamend")); });
}

bool Pairing::has_ref(const std::string& ref) const {
  return std::find(refs_.begin(), refs_.end(), ref) != refs_.end();
}

Result<std::uint16_t> Pairing::scan(const wa::LinkingCode& code, Account& account) {
  if (!success_id_.empty()) return fail(ErrorCode::CONFLICT, "this QR code was scanned already");
  if (code.noise_public != noise_key_ || code.identity_public != hello_.identity) {
    network_.violations.add(network_.now(), "qr", "a client that pairs", "the keys in its QR code are not its own");
    return fail(ErrorCode::CONFLICT, "the keys in the QR code are not those of the client that shows it");
  }
  if (Faults::strikes(network_.faults.demand_passkey)) {
    client_.send(wa::Node("notification", {{"type", "passkey_prologue_request"}, {"from", wa::Jid::of_server()},
                                           {"id", network_.new_id()}}));
    return fail(ErrorCode::CONFLICT, "a fault: demand_passkey");
  }
  expiry_.reset();
  account_ = &account;
  device_id_ = account.next_device++;
  linked_ = {account.raw_id, account.next_key_index++, network_.now()};
  success_id_ = network_.new_id();
  network_.keeper.touched();
  client_.send(wa::make_pair_success(code, account.phone.identity.identity, linked_, account.pn_jid(device_id_),
                                     account.lid_jid(device_id_), success_id_, network_.now(), network_.random));
  return device_id_;
}

void Pairing::on_node(const wa::Node& node) {
  if (node.tag != "iq" || success_id_.empty() || node.attr("id") != success_id_) {
    if (node.tag == "iq" && node.attr("type") == "get") client_.send(wa::iq_result(node));
    return;
  }
  if (node.attr("type") == "result") return on_signed(node);
  log::info("sandbox", "a client refuses to be linked: {}", to_string(node));
  client_.end(wa::Node("xmlstreamend"));
}

void Pairing::on_signed(const wa::Node& answer) {
  const wa::Key& account_identity = account_->phone.identity.identity.public_key;
  const auto container = wa::check_pair_device_sign(answer, hello_.identity, account_identity);
  if (!container) {
    network_.violations.add(network_.now(), "device-signature", to_string(account_->pn_jid(device_id_)),
                            container.error().text());
    return client_.end(wa::Node("xmlstreamend"));
  }
  Device& device = account_->devices[device_id_];
  device.id = device_id_;
  device.key_index = linked_.key_index;
  device.linked_at = network_.now();
  device.noise_public = noise_key_;
  device.device_identity = *container;
  device.keys.registration_id = hello_.registration_id;
  device.keys.identity = hello_.identity;
  wa::SignedPreKey prekey;
  prekey.id = hello_.signed_prekey_id;
  prekey.key.public_key = hello_.signed_prekey;
  prekey.signature = hello_.signed_prekey_signature;
  device.keys.publish(prekey);
  check_signed_prekey(network_, {*account_, device}, prekey);
  if (account_->push_name.empty()) account_->push_name = hello_.push_name;

  // The pairing is on disk before the client hears of it: it may reconnect before it has read the 515.
  network_.keeper.save();
  log::info("sandbox", "{}:{} is linked", log::mask_phone(account_->number), device_id_);
  announce_linked(network_, {*account_, device});
  client_.end(wa::Node("stream:error", {{"code", "515"}}));
}

Result<Scanned> scan_qr(Network& network, const std::string& qr_text, const std::string& number) {
  const auto code = wa::parse_qr_text(qr_text);
  if (!code) return fail(ErrorCode::INVALID_REQUEST, "the body is not the text of a WhatsApp QR code");
  Pairing* pairing = network.clients.find_pairing(code->ref);
  if (!pairing && network.clients.is_expired(code->ref)) return fail(ErrorCode::QR_EXPIRED);
  if (!pairing) return fail(ErrorCode::NOT_FOUND, "no client shows this QR code");

  Directory& directory = network.directory;
  Account* account = number.empty() ? directory.made_for(pairing->push_name()) : directory.find_number(number);
  if (!account && !number.empty() && !is_phone_number(number)) {
    return fail(ErrorCode::INVALID_REQUEST, "phone: a phone number has 8 to 15 digits and no leading 0");
  }
  if (!account) {
    const std::string chosen = number.empty() ? directory.free_number(pairing->push_name(), network.random) : number;
    account = &network.create_account(chosen, pairing->push_name());
  }
  auto device = pairing->scan(*code, *account);
  if (!device) return fail(device.error());
  return Scanned{account->number, account->lid, *device};
}

}  // namespace konekwa::sandbox
