#include "daemon/session/online.h"

#include "common/log.h"
#include "daemon/session/group_fan_out.h"
#include "daemon/session/version_keeper.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {
namespace {

constexpr Duration kLoginTimeout = seconds(30);
constexpr Duration kLogOutTimeout = seconds(5);
// Stanzas whose commit is under way, before we leave the rest in the kernel's buffer.
constexpr int kCommitsUnderWayMax = 256;

}  // namespace

Online::Online(std::string session, const Environment& env, Committer& commits, Device& device,
               const wa::Endpoint& endpoint, const Switches& switches, Owner& owner)
    : env_(env),
      device_(device),
      owner_(owner),
      iq_(env.loop, env.random,
          [this](const wa::Node& node) {
            if (connection_) connection_->send(node);
          }),
      link_{std::move(session), env_, commits, device_, iq_, switches,
            [this](const wa::Node& node) {
              if (connection_) connection_->send(node);
            },
            [this](const Error& why) {
              // From the loop, because parts cut from deep inside their own work.
              env_.loop.post(link_.alive.guard([this, why] { end(ending_of_error(why)); }));
            },
            {}},
      fan_out_(link_),
      media_hosts_(link_, endpoint),
      outbound_media_(link_, media_hosts_),
      inbound_media_(link_, media_hosts_),
      link_previews_(link_, media_hosts_),
      chat_timers_(link_),
      composer_(link_, outbound_media_, link_previews_, chat_timers_),
      tokens_(link_),
      prekeys_(link_),
      sender_(link_, fan_out_, tokens_, outbound_media_, link_previews_, composer_),
      inbound_(link_, prekeys_, inbound_media_, chat_timers_),
      receipts_(link_, fan_out_, composer_),
      notifications_(link_, prekeys_, tokens_, inbound_media_),
      keepalive_(link_) {
  wa::io::Connection::ClientOptions options;
  options.endpoint = endpoint;
  options.noise_key = device_.noise_key();
  options.client_payload = wa::login_payload(env_.version.present(), device_.jid());
  options.routing_info = device_.row.routing_info;
  connection_ = wa::io::Connection::connect(env_.loop, env_.random, env_.connector, std::move(options), *this);
}

Online::~Online() = default;

void Online::detach() {
  has_ended_ = true;
  login_timeout_.reset();
  link_.alive.renew();
  iq_.fail_all(Error(ErrorCode::NETWORK, "the connection ended"));
}

void Online::on_connection_ready(const wa::Key&, Bytes) {
  login_timeout_ = env_.loop.after(kLoginTimeout, [this] {
    end(ending_of_error(Error(ErrorCode::TIMEOUT, "WhatsApp did not answer the login")));
  });
}

void Online::on_connection_node(wa::Node node) {
  struct Entry {
    const char* tag;
    void (Online::*run)(const wa::Node&);
  };
  static constexpr Entry kHandlers[] = {
      {"message", &Online::on_message},
      {"receipt", &Online::on_receipt},
      {"ack", &Online::on_ack},
      {"iq", &Online::on_iq},
      {"notification", &Online::on_notification},
      {"ib", &Online::on_ib},
      {"call", &Online::on_call},
      {"success", &Online::on_success},
      {"failure", &Online::on_failure},
      {"stream:error", &Online::on_stream_error},
      {"xmlstreamend", &Online::on_stream_end},
  };
  if (has_ended_) return;
  owner_.on_heard(false);
  press_back();
  for (const Entry& handler : kHandlers) {
    if (node.tag != handler.tag) continue;
    (this->*handler.run)(node);
    return;
  }
}

void Online::press_back() {
  if (is_pressing_back_ || link_.commits.under_way() < kCommitsUnderWayMax) return;
  is_pressing_back_ = true;
  connection_->set_reading(false);
  link_.commit({}, [this] {
    is_pressing_back_ = false;
    connection_->set_reading(true);
  });
}

void Online::on_connection_closed(Error why) { end(ending_of_error(why)); }

void Online::end(Ending ending) {
  if (has_ended_) return;
  has_ended_ = true;
  login_timeout_.reset();
  owner_.on_ended(std::move(ending));
}

void Online::on_success(const wa::Node& node) {
  login_timeout_.reset();
  // Our LID is told at pairing; accounts that moved to LIDs later learn it here.
  const auto lid = node.jid("lid");
  if (lid && to_string(*lid) != device_.row.lid) {
    device_.row.lid = to_string(*lid);
    store::WriteBatch batch;
    device_.save(batch);
    link_.commit(std::move(batch));
  }
  if (lid) device_.addresses().learn(device_.jid().user_jid(), lid->user_jid());
  prekeys_.ensure([this] { activate(); });
}

void Online::activate() {
  iq_.request(wa::active_iq(iq_.next_id()), [this](const Result<wa::Node>& answer) {
    if (!answer) return end(ending_of_error(answer.error()));
    is_logged_in_ = true;
    keepalive_.start();
    owner_.on_logged_in();
    sender_.wake();
    inbound_media_.wake();
    prekeys_.check_digest();
  });
}

void Online::on_failure(const wa::Node& node) { end(ending_of_failure(node)); }

void Online::on_stream_error(const wa::Node& node) { end(ending_of_stream_error(node)); }

void Online::on_stream_end(const wa::Node&) {
  end(ending_of_error(Error(ErrorCode::NETWORK, "WhatsApp ended the stream")));
}

void Online::on_ack(const wa::Node& node) {
  if (node.attr("class") != "message") return;
  if (!node.has("error")) owner_.on_heard(true);
  sender_.on_ack(node);
}

void Online::on_iq(const wa::Node& node) {
  if (iq_.take_answer(node)) return;
  if (node.attr("type") == "get" && (node.attr("xmlns") == "urn:xmpp:ping" || node.child("ping") != nullptr)) {
    link_.send(wa::iq_result(node));
  }
}

// Calls are the phone's business: we only say that we heard it ring.
void Online::on_call(const wa::Node& node) { link_.send(wa::ack_of(node)); }

void Online::on_ib(const wa::Node& node) {
  if (const wa::Node* edge = node.child("edge_routing")) {
    const wa::Node* info = edge->child("routing_info");
    if (info == nullptr || info->bytes().empty()) return;
    device_.row.routing_info = to_bytes(info->bytes());
    store::WriteBatch batch;
    batch.run([session = link_.session, bytes = device_.row.routing_info](store::Database& db) {
      store::devices::set_routing_info(db, session, bytes);
    });
    link_.commit(std::move(batch));
    return;
  }
  if (const wa::Node* dirty = node.child("dirty")) {
    if (dirty->attr("type") == "groups") fan_out_.groups().query().forget_list();
    wa::Node clean("clean", {{"type", dirty->attr("type")}, {"timestamp", dirty->attr("timestamp")}});
    wa::Node iq("iq", {{"to", wa::Jid::of_server()}, {"type", "set"}, {"xmlns", "urn:xmpp:whatsapp:dirty"},
                       {"id", iq_.next_id()}});
    iq.add(std::move(clean));
    iq_.request(iq, [](const Result<wa::Node>&) {});
  }
}

void Online::refresh_groups(const std::string& group, std::function<void(Result<>)> done) {
  const auto jid = wa::Jid::parse(group);
  if (!is_logged_in_ || (jid && device_.groups().find(*jid) != nullptr)) return done({});
  auto settled = [this, done = std::move(done)](const Result<>& result) {
    if (!has_ended_) link_.commit({});
    done(result);
  };
  GroupQuery& query = fan_out_.groups().query();
  jid ? query.fetch(*jid, std::move(settled)) : query.fetch_all(std::move(settled));
}

void Online::log_out(std::function<void(bool is_told)> done) {
  iq_.request(wa::remove_companion_iq(iq_.next_id(), device_.jid()),
              [done = std::move(done)](const Result<wa::Node>& answer) { done(answer.has_value()); }, kLogOutTimeout);
}

}  // namespace konekwa::session
