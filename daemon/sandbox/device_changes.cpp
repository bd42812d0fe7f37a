#include "daemon/sandbox/device_changes.h"

#include "common/log.h"
#include "daemon/sandbox/companion.h"
#include "daemon/sandbox/usync.h"

namespace konekwa::sandbox {
namespace {

struct Change {
  const char* tag;              // "add", "remove"
  std::uint16_t id;
  std::uint32_t key_index;
};

wa::Node devices_notification(Network& network, const Account& account, const Change& change) {
  const wa::Node device("device", {{"jid", account.pn_jid(change.id)},
                                   {"key-index", std::to_string(change.key_index)},
                                   {"lid", account.lid_jid(change.id)}});
  wa::Node body(change.tag, {{"device_hash", device_hash(account)}});
  body.add(device);
  body.add(key_index_list(network, account));
  wa::Node notification("notification", {{"from", account.pn_jid()},
                                         {"type", "devices"},
                                         {"id", network.new_id()},
                                         {"lid", account.lid_jid()}});
  notification.set_number("t", unix_seconds(network.now()));
  notification.add(body);
  return notification;
}

wa::Node account_sync(Network& network, const Account& account) {
  wa::Node devices("devices", {{"dhash", device_hash(account)}});
  for (const auto& [id, device] : account.devices) {
    wa::Node node("device", {{"jid", account.pn_jid(id)}});
    if (id != 0) node.set_number("key-index", device.key_index);
    devices.add(node);
  }
  devices.add(key_index_list(network, account));
  wa::Node notification("notification",
                        {{"from", account.pn_jid()}, {"type", "account_sync"}, {"id", network.new_id()}});
  notification.set_number("t", unix_seconds(network.now()));
  notification.add(devices);
  return notification;
}

void tell_everybody(Network& network, Account& account, const Change& change) {
  const wa::Node notification = devices_notification(network, account, change);
  for (const std::string& lid : account.watchers) {
    Account* watcher = network.directory.find_lid(lid);
    if (!watcher) continue;
    for (auto& [id, device] : watcher->devices) {
      if (id != 0) network.deliver(device, notification);
    }
  }
  const wa::Node own = account_sync(network, account);
  for (auto& [id, device] : account.devices) {
    if (id == 0 || id == change.id) continue;
    // Clients differ in which of the two they take for news of their own devices.
    network.deliver(device, own);
    network.deliver(device, notification);
  }
}

}  // namespace

void announce_linked(Network& network, const Party& added) {
  tell_everybody(network, added.account, {"add", added.device.id, added.device.key_index});
}

bool unlink_device(Network& network, Account& account, std::uint16_t id) {
  Device* device = id == 0 ? nullptr : account.device(id);
  if (!device) return false;
  const Change change{"remove", id, device->key_index};
  if (auto* client = static_cast<Companion*>(device->outlet)) {
    const wa::Node conflict("conflict", {{"type", "device_removed"}});
    client->end(wa::Node("stream:error", {{"code", "401"}}, wa::Node::Children{conflict}));
  }
  account.devices.erase(id);
  log::info("sandbox", "{}:{} is unlinked", log::mask_phone(account.number), id);
  tell_everybody(network, account, change);
  network.keeper.save();
  return true;
}

}  // namespace konekwa::sandbox
