#include "daemon/sandbox/usync.h"

#include "daemon/sandbox/profile_answers.h"
#include "daemon/wa/linking.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kHashBytes = 6;

std::string digits_of(const std::string& text) {
  std::string digits;
  for (const char c : text.substr(0, text.find('@'))) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

wa::Node devices_of(Network& network, const Account& account) {
  wa::Node list("device-list", {{"hash", device_hash(account)}});
  for (const auto& [id, device] : account.devices) {
    wa::Node node("device", {{"id", std::to_string(id)}});
    if (id != 0) node.set_number("key-index", device.key_index);
    list.add(node);
  }
  wa::Node devices("devices");
  devices.add(list);
  if (account.devices.size() > 1) devices.add(key_index_list(network, account));
  return devices;
}

// The result of one protocol for one user that exists; nothing when there is nothing to say.
std::optional<wa::Node> result_of(Network& network, const Account& asker, Account& account, const std::string& protocol,
                                  const wa::Node& user) {
  if (protocol == "devices") {
    if (&asker != &account) account.watchers.insert(asker.lid);
    return devices_of(network, account);
  }
  if (protocol == "lid") return wa::Node("lid", {{"val", account.lid_jid()}});
  if (protocol == "contact") {
    const wa::Node* asked = user.child("contact");
    return wa::Node("contact", {{"type", "in"}}, asked ? to_bytes(asked->bytes()) : Bytes{});
  }
  if (protocol == "disappearing_mode") return timer_node(account);
  if (protocol == "status") {
    wa::Node status("status", {}, to_bytes(account.about));
    status.set_number("t", unix_seconds(account.about_at));
    return status;
  }
  if (protocol == "picture") {
    const Pictures::Picture* picture = network.pictures.find(account.lid_jid());
    return wa::Node("picture", {{"id", picture ? picture->id : "0"}});
  }
  // "business" stays away: nobody here is one.
  return std::nullopt;
}

std::optional<wa::Node> result_for_user(Network& network, const Account& asker, const wa::Node& query,
                                        const wa::Node& user) {
  const wa::Node* contact = user.child("contact");
  auto jid = user.jid("jid");
  if (!jid && contact) jid = wa::Jid::pn(digits_of(contact->text()));
  if (!jid) return std::nullopt;
  Account* account = network.directory.find(*jid);
  wa::Node answer("user", {{"jid", *jid}});
  if (!account) {
    // A number that is asked about as a contact is said to be unknown; anything else is left out.
    if (!contact) return std::nullopt;
    answer.add(wa::Node("contact", {{"type", "out"}}, to_bytes(contact->bytes())));
    return answer;
  }
  if (jid->server == wa::Server::Lid) answer.set("pn_jid", account->pn_jid());
  for (const wa::Node& protocol : query.children()) {
    if (auto result = result_of(network, asker, *account, protocol.tag, user)) answer.add(std::move(*result));
  }
  return answer;
}

}  // namespace

wa::Node usync_result(Network& network, const Account& asker, const wa::Node& usync) {
  wa::Node out("usync");
  for (const char* name : {"sid", "mode", "index", "last", "context"}) {
    if (usync.has(name)) out.set(name, usync.attr(name));
  }
  const wa::Node* query = usync.child("query");
  const wa::Node* users = usync.child("list");
  wa::Node result("result");
  wa::Node list("list");
  if (query && users) {
    for (const wa::Node& protocol : query->children()) result.add(wa::Node(protocol.tag));
    for (const wa::Node* user : users->children("user")) {
      if (auto answer = result_for_user(network, asker, *query, *user)) list.add(std::move(*answer));
    }
  }
  network.keeper.touched();
  out.add(result);
  out.add(list);
  return out;
}

wa::Node key_index_list(Network& network, const Account& account) {
  std::vector<std::uint32_t> indexes;
  for (const auto& [id, device] : account.devices) {
    if (id != 0) indexes.push_back(device.key_index);
  }
  wa::Node list("key-index-list", {}, wa::make_key_index_list(account.phone.identity.identity, account.raw_id, indexes,
                                                              network.now(), network.random));
  list.set_number("ts", unix_seconds(network.now()));
  return list;
}

std::string device_hash(const Account& account) {
  std::vector<std::string> names;
  for (const auto& [id, device] : account.devices) names.push_back(to_string(account.pn_jid(id)));
  std::sort(names.begin(), names.end());
  const Bytes hash = wa::sha256(as_bytes(fmt::format("{}", fmt::join(names, ""))));
  return "2:" + to_base64(ByteView(hash).first(kHashBytes));
}

}  // namespace konekwa::sandbox
