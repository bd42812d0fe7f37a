#include "daemon/wa/device_list.h"

#include "daemon/wa/adv.h"

#include <algorithm>

namespace konekwa::wa {
namespace {

constexpr std::int64_t kHostedDevice = 99;  // WhatsApp's own servers, for hosted businesses
constexpr std::int64_t kDeviceIdMax = 0xFFFF;
constexpr std::size_t kDevicesMax = 64;     // of an account; WhatsApp links four or so. Each costs a ciphertext.

std::optional<std::uint16_t> device_id(std::optional<std::int64_t> id) {
  if (!id || *id < 0 || *id > kDeviceIdMax) return std::nullopt;
  return static_cast<std::uint16_t>(*id);
}

std::optional<KeyIndexes> key_indexes(const Node& devices) {
  const Node* list = devices.child("key-index-list");
  return list ? read_key_index_list(list->bytes()) : std::nullopt;
}

// A companion that the account does not vouch for is not listed: somebody else may have put it there.
bool is_listed(const Node& device, std::uint16_t id, const std::optional<KeyIndexes>& indexes) {
  if (id == 0) return true;
  const auto key_index = device.number("key-index");
  if (!key_index || *key_index < 0 || *key_index > 0xFFFFFFFF) return false;
  return !indexes || indexes->allows(static_cast<std::uint32_t>(*key_index));
}

std::vector<std::uint16_t> listed_devices(const Node& devices, const Node& list) {
  const auto indexes = key_indexes(devices);
  std::vector<std::uint16_t> ids;
  for (const Node* device : list.children("device")) {
    const auto id = device_id(device->number("id"));
    const bool is_hosted = device->attr("is_hosted") == "true" || id == kHostedDevice;
    if (!id || is_hosted || ids.size() == kDevicesMax || !is_listed(*device, *id, indexes)) continue;
    if (std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

std::optional<UserDevices> parse_user(const Node& user) {
  const auto jid = user.jid("jid");
  const Node* devices = user.child("devices");
  const Node* list = devices ? devices->child("device-list") : nullptr;
  if (!jid || !list) return std::nullopt;
  UserDevices result{jid->user_jid(), std::nullopt, listed_devices(*devices, *list)};
  if (const Node* lid = user.child("lid")) result.lid = lid->jid("val");
  return result;
}

void collect_removed(const Node& remove, std::vector<std::uint16_t>& removed) {
  for (const Node* device : remove.children("device")) {
    const auto jid = device->jid("jid");
    if (jid && removed.size() < kDevicesMax) removed.push_back(jid->device);
  }
}

}  // namespace

Node devices_usync_iq(const std::string& id, const std::string& sid, const std::vector<Jid>& users) {
  Node devices("devices");
  devices.set("version", "2");
  Node query("query");
  query.add(std::move(devices)).add(Node("lid"));
  Node list("list");
  for (const Jid& jid : users) {
    Node user("user");
    user.set("jid", jid.user_jid());
    list.add(std::move(user));
  }
  Node usync("usync");
  usync.set("sid", sid).set("mode", "query").set("last", "true").set("index", "0").set("context", "message");
  usync.add(std::move(query)).add(std::move(list));
  Node iq("iq");
  iq.set("id", id).set("to", Jid::of_server()).set("type", "get").set("xmlns", "usync");
  iq.add(std::move(usync));
  return iq;
}

Result<std::vector<UserDevices>> parse_devices_usync(const Node& iq) {
  if (iq.attr("type") == "error") {
    const Node* error = iq.child("error");
    return fail(ErrorCode::SERVER_REJECTED, "usync error " + (error ? error->attr("code") : std::string()));
  }
  const Node* usync = iq.child("usync");
  const Node* list = usync ? usync->child("list") : nullptr;
  if (!list) return fail(ErrorCode::PROTOCOL, "the usync answer has no <list>");
  std::vector<UserDevices> users;
  for (const Node* user : list->children("user")) {
    if (auto parsed = parse_user(*user)) users.push_back(std::move(*parsed));
  }
  return users;
}

std::optional<DevicesChanged> parse_devices_notification(const Node& notification) {
  const auto from = notification.jid("from");
  const std::string type = notification.attr("type");
  if (!from || !from->is_person()) return std::nullopt;
  if (type == "account_sync" && !notification.child("devices")) return std::nullopt;
  if (type != "account_sync" && type != "devices") return std::nullopt;
  DevicesChanged changed{from->user_jid(), std::nullopt, {}};
  if (const auto lid = notification.jid("lid")) changed.lid = lid->user_jid();
  for (const Node* remove : notification.children("remove")) collect_removed(*remove, changed.removed);
  return changed;
}

}  // namespace konekwa::wa
