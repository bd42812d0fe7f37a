#include "daemon/session/pairing.h"

#include "common/log.h"
#include "daemon/session/version_keeper.h"
#include "daemon/wa/account_notices.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {
namespace {

// WhatsApp Web shows the first code for a minute and each following one for 20 seconds.
constexpr Duration kFirstCodeLifetime = seconds(60);
constexpr Duration kNextCodeLifetime = seconds(20);
constexpr Duration kPasskeyPatience = minutes(5);

}  // namespace

Pairing::Pairing(std::string session, const Environment& env, Committer& commits, Device& device,
                 const wa::Endpoint& endpoint, int codes_shown_before, Owner& owner)
    : session_(std::move(session)),
      env_(env),
      commits_(commits),
      device_(device),
      owner_(owner),
      shown_(codes_shown_before) {
  wa::io::Connection::ClientOptions options;
  options.endpoint = endpoint;
  options.noise_key = device_.noise_key();
  options.client_payload = wa::registration_payload(env_.version.present(), device_.signal().device());
  connection_ = wa::io::Connection::connect(env_.loop, env_.random, env_.connector, std::move(options), *this);
}

Pairing::~Pairing() = default;

void Pairing::detach() {
  has_ended_ = true;
  next_code_.reset();
  alive_.renew();
}

void Pairing::on_connection_ready(const wa::Key&, Bytes) {}

void Pairing::on_connection_node(wa::Node node) {
  if (has_ended_) return;
  if (node.tag == "iq") return on_iq(node);
  if (node.tag == "notification") return on_notification(node);
  if (node.tag == "failure") return end(ending_of_failure(node));
  if (node.tag == "stream:error") return end(ending_of_stream_error(node));
  if (node.tag == "xmlstreamend") {
    if (is_showing()) owner_.on_codes_used_up();
    return end(ending_of_error(Error(ErrorCode::NETWORK, "WhatsApp ended the stream")));
  }
}

// WhatsApp ends the stream when its codes have had their time. Its clock began before ours, so the last one may still
// be shown here; and of a connection that breaks then nobody knows whether it was cut or closed.
void Pairing::on_connection_closed(Error why) {
  if (is_showing() && refs_.empty()) owner_.on_codes_used_up();
  end(ending_of_error(why));
}

void Pairing::end(Ending ending) {
  if (has_ended_) return;
  has_ended_ = true;
  next_code_.reset();
  // Once linked, every way out leads to the login.
  if (is_linked_) ending.next = Ending::Next::ReconnectNow;
  owner_.on_ended(std::move(ending));
}

void Pairing::on_iq(const wa::Node& node) {
  if (node.attr("type") == "get") return connection_->send(wa::iq_result(node));
  if (node.attr("type") != "set") return;
  if (const wa::Node* pair_device = node.child("pair-device")) return on_refs(node, *pair_device);
  if (node.child("pair-success") != nullptr) return on_pair_success(node);
}

// This version cannot answer it: the owner of the phone has to link without one. Its request holds for some minutes;
// then codes are shown again.
void Pairing::on_notification(const wa::Node& node) {
  connection_->send(wa::ack_of(node));
  if (!wa::is_passkey_request(node) || is_linked_) return;
  owner_.on_passkey_required();
  next_code_ = env_.loop.after(kPasskeyPatience, [this] { show_next(); });
}

void Pairing::on_refs(const wa::Node& iq, const wa::Node& pair_device) {
  connection_->send(wa::iq_result(iq));
  refs_.clear();
  for (const wa::Node* ref : pair_device.children("ref")) refs_.push_back(ref->text());
  is_first_of_window_ = true;
  show_next();
}

void Pairing::show_next() {
  if (is_linked_) return;
  if (refs_.empty()) {
    owner_.on_codes_used_up();
    return end(ending_of_error(Error(ErrorCode::QR_EXPIRED)));
  }
  wa::LinkingCode code;
  code.ref = refs_.front();
  refs_.pop_front();
  code.noise_public = device_.noise_key().public_key;
  code.identity_public = device_.signal().device().identity.public_key;
  code.adv_secret = device_.row.adv_secret;
  const Duration lifetime = is_first_of_window_ ? kFirstCodeLifetime : kNextCodeLifetime;
  is_first_of_window_ = false;

  QrCode shown;
  shown.text = wa::to_qr_text(code);
  shown.sequence = ++shown_;
  shown.issued_at = env_.loop.now();
  shown.expires_at = shown.issued_at + lifetime;
  shown.remaining_codes = static_cast<int>(refs_.size());
  owner_.on_code(shown);
  next_code_ = env_.loop.after(lifetime, [this] { show_next(); });
}

void Pairing::on_pair_success(const wa::Node& iq) {
  auto accepted = wa::accept_pair_success(iq, device_.row.adv_secret, device_.signal().device().identity, env_.random);
  if (!accepted) {
    log::error("session", "{}: a phone's answer to the code was refused: {}", session_, accepted.error().error.text());
    connection_->send(accepted.error().refusal);
    return;
  }
  const wa::PairSuccess& success = *accepted;
  next_code_.reset();
  device_.row.jid = to_string(success.jid);
  device_.row.lid = success.lid.is_server() ? std::string() : to_string(success.lid);
  device_.row.account = success.account;
  device_.row.platform = success.platform;
  device_.row.business_name = success.business_name;
  device_.signal().set_identity(success.lid.is_server() ? success.jid.with_device(0) : success.lid.with_device(0),
                                success.account_identity);
  if (!success.lid.is_server()) device_.addresses().learn(success.jid.user_jid(), success.lid.user_jid());

  store::WriteBatch batch;
  device_.save(batch);
  device_.take_changes(batch, env_.loop.now());
  owner_.on_linking(batch, success);
  commits_.commit(std::move(batch), alive_.guard([this, answer = success.answer] {
    is_linked_ = true;
    connection_->send(answer);
  }));
}

}  // namespace konekwa::session
