#include "daemon/sandbox/iq_answers.h"

#include "common/log.h"
#include "daemon/sandbox/app_state.h"
#include "daemon/sandbox/companion.h"
#include "daemon/sandbox/device_changes.h"
#include "daemon/sandbox/group_answers.h"
#include "daemon/sandbox/key_answers.h"
#include "daemon/sandbox/network.h"
#include "daemon/sandbox/privacy_tokens.h"
#include "daemon/sandbox/profile_answers.h"
#include "daemon/sandbox/usync.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {
namespace {

constexpr int kNotImplemented = 501;
constexpr int kBadRequest = 400;
constexpr int kNotAllowed = 403;

wa::Node result_with(const wa::Node& iq, wa::Node child) {
  wa::Node result = wa::iq_result(iq);
  result.add(std::move(child));
  return result;
}

Party party_of(Companion& client) { return {*client.account(), *client.device()}; }

void answer_empty(Network&, Companion& client, const wa::Node& iq) { client.send(wa::iq_result(iq)); }

void answer_active(Network&, Companion& client, const wa::Node& iq) {
  client.send(wa::iq_result(iq));
  client.let_mail_flow();
}

void answer_props(Network&, Companion& client, const wa::Node& iq) {
  client.send(result_with(iq, wa::Node("props", {{"protocol", "1"}})));
}

void answer_blocklist(Network&, Companion& client, const wa::Node& iq) {
  client.send(result_with(iq, wa::Node("list")));
}

void answer_privacy(Network&, Companion& client, const wa::Node& iq) {
  static constexpr std::string_view kCategories[] = {"readreceipts", "profile", "status",   "online",  "last",
                                                     "groupadd",     "calladd", "messages", "defense", "stickers"};
  wa::Node privacy("privacy");
  for (const std::string_view name : kCategories) {
    const char* value = name == "defense" ? "off" : "all";
    privacy.add(wa::Node("category", {{"name", std::string(name)}, {"value", value}}));
  }
  client.send(result_with(iq, privacy));
}

void answer_tokens(Network& network, Companion& client, const wa::Node& iq) {
  for (const wa::Node* token : iq.first_child()->children("token")) {
    const auto contact = token->jid("jid");
    Account* to = contact ? network.directory.find(*contact) : nullptr;
    if (!to) continue;
    give_privacy_token(network, *client.account(), *to, from_unix_seconds(token->number("t").value_or(0)));
  }
  client.send(wa::iq_result(iq));
}

void answer_media_conn(Network& network, Companion& client, const wa::Node& iq) {
  wa::Node conn("media_conn",
                {{"auth", network.media.new_auth()},
                 {"ttl", "3600"},
                 {"auth_ttl", std::to_string(kMediaAuthLifetime / seconds(1))},
                 {"max_buckets", "12"}});
  wa::Node host("host", {{"hostname", network.options.media_host}, {"type", "primary"}});
  host.add(wa::Node("download"));
  host.add(wa::Node("upload"));
  conn.add(host);
  client.send(result_with(iq, conn));
}

void answer_app_state(Network& network, Companion& client, const wa::Node& iq) {
  client.send(result_with(iq, sync_app_state(network, party_of(client), *iq.first_child())));
}

void answer_usync(Network& network, Companion& client, const wa::Node& iq) {
  client.send(result_with(iq, usync_result(network, *client.account(), *iq.first_child())));
}

void answer_prekey_count(Network&, Companion& client, const wa::Node& iq) {
  const std::size_t left = client.device()->keys.prekeys.size();
  client.send(result_with(iq, wa::Node("count", {{"value", std::to_string(left)}})));
}

void answer_prekey_upload(Network& network, Companion& client, const wa::Node& iq) {
  const bool is_accepted = accept_upload(network, party_of(client), iq);
  client.send(is_accepted ? wa::iq_result(iq) : wa::iq_error(iq, kUploadRefused, "not-acceptable"));
}

void answer_digest(Network&, Companion& client, const wa::Node& iq) {
  client.send(result_with(iq, digest_of(client.device()->keys)));
}

void answer_rotate(Network& network, Companion& client, const wa::Node& iq) {
  const bool is_accepted = accept_rotation(network, party_of(client), *iq.first_child());
  client.send(is_accepted ? wa::iq_result(iq) : wa::iq_error(iq, kUploadRefused, "not-acceptable"));
}

void answer_prekey_fetch(Network& network, Companion& client, const wa::Node& iq) {
  client.send(result_with(iq, bundles_for(network, party_of(client), *iq.first_child())));
}

// An answer by a part of its own, which knows nothing of connections.
template <wa::Node (*of)(Network&, const Party&, const wa::Node&)>
void answer_with(Network& network, Companion& client, const wa::Node& iq) {
  client.send(of(network, party_of(client), iq));
}

void answer_remove_companion(Network& network, Companion& client, const wa::Node& iq) {
  const auto jid = iq.first_child()->jid("jid");
  Account& own = *client.account();
  if (!jid || network.directory.find(*jid) != &own || jid->device == 0) {
    return client.send(wa::iq_error(iq, kNotAllowed, "not-allowed"));
  }
  client.send(wa::iq_result(iq));
  unlink_device(network, own, jid->device);
}

struct Route {
  std::string_view xmlns, type, child;  // child "": with any or none
  void (*answer)(Network&, Companion&, const wa::Node&);
};

constexpr Route kRoutes[] = {
    {"w:p", "get", "", answer_empty},
    {"passive", "set", "active", answer_active},
    {"passive", "set", "passive", answer_empty},
    {"encrypt", "get", "count", answer_prekey_count},
    {"encrypt", "get", "digest", answer_digest},
    {"encrypt", "get", "key", answer_prekey_fetch},
    {"encrypt", "set", "rotate", answer_rotate},
    {"encrypt", "set", "", answer_prekey_upload},
    {"usync", "get", "usync", answer_usync},
    {"abt", "get", "props", answer_props},
    {"blocklist", "get", "", answer_blocklist},
    {"privacy", "get", "privacy", answer_privacy},
    {"privacy", "set", "tokens", answer_tokens},
    {"w:sync:app:state", "set", "sync", answer_app_state},
    {"w:m", "set", "media_conn", answer_media_conn},
    {"urn:xmpp:whatsapp:dirty", "set", "clean", answer_empty},
    {"md", "set", "remove-companion-device", answer_remove_companion},
    {"w:stats", "set", "", answer_empty},
    {"w:g2", "get", "", answer_with<answer_group_iq>},
    {"w:g2", "set", "", answer_with<answer_group_iq>},
    {"w:profile:picture", "get", "", answer_with<answer_picture_query>},
    {"w:profile:picture", "set", "", answer_with<answer_picture_change>},
    {"status", "set", "status", answer_with<answer_about_change>},
    {"disappearing_mode", "get", "", answer_with<answer_timer_query>},
    {"disappearing_mode", "set", "", answer_with<answer_timer_change>},
};

}  // namespace

void answer_iq(Network& network, Companion& client, const wa::Node& iq) {
  const std::string type = iq.attr("type");
  if (type != "get" && type != "set") return;  // an answer to something of ours that needs none
  if (iq.attr("id").empty()) return network.blame(party_of(client), "stanza", "an iq without id");
  const std::string xmlns = iq.attr("xmlns");
  const std::string child = iq.first_child() ? iq.first_child()->tag : "";
  for (const Route& route : kRoutes) {
    if (route.xmlns == xmlns && route.type == type && (route.child.empty() || route.child == child)) {
      return route.answer(network, client, iq);
    }
  }
  log::info("sandbox", "no answer to iq {} {} <{}>", type, xmlns, child);
  client.send(xmlns.empty() ? wa::iq_error(iq, kBadRequest, "bad-request")
                            : wa::iq_error(iq, kNotImplemented, "feature-not-implemented"));
}

}  // namespace konekwa::sandbox
