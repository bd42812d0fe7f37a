#include "daemon/sandbox/app_state.h"

#include "daemon/wa/proto_bytes.h"
#include "proto/server_sync.pb.h"

namespace konekwa::sandbox {
namespace {

constexpr std::string_view kCollections[] = {"critical_block", "critical_unblock_low", "regular_high", "regular",
                                             "regular_low"};
constexpr std::size_t kMacBytes = 32;

enum class Refusal : int { None = 0, Damaged = 400, NoSuchCollection = 404, Full = 406, Conflict = 409 };

const char* text_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::Damaged: return "bad-request";
    case Refusal::NoSuchCollection: return "item-not-found";
    case Refusal::Full: return "not-acceptable";
    case Refusal::Conflict: return "conflict";
    case Refusal::None: break;
  }
  return "";
}

// A patch as it is kept: with its version, which the MACs in it are of already.
std::optional<Bytes> numbered(ByteView patch, std::uint64_t version) {
  wa::proto::SyncdPatchHead head;
  if (!wa::parse(patch, head)) return std::nullopt;
  const bool is_whole = head.snapshot_mac().size() == kMacBytes && head.patch_mac().size() == kMacBytes &&
                        !head.key_id().id().empty();
  if (!is_whole) return std::nullopt;
  head.mutable_version()->set_version(version);
  return wa::serialize(head);
}

Refusal take(Network& network, const Party& who, std::vector<Bytes>& patches, const wa::Node& collection) {
  const wa::Node* patch = collection.child("patch");
  if (static_cast<std::uint64_t>(collection.number("version").value_or(0)) != patches.size()) return Refusal::Conflict;
  if (patches.size() >= kAppStatePatchesMax) return Refusal::Full;
  auto kept = numbered(patch->bytes(), patches.size() + 1);
  if (!kept) {
    network.blame(who, "app-state", "a patch for " + collection.attr("name") + " that cannot be read");
    return Refusal::Damaged;
  }
  patches.push_back(std::move(*kept));
  return Refusal::None;
}

void add_patches(wa::Node& answer, const std::vector<Bytes>& patches, std::size_t from) {
  if (from >= patches.size()) return;
  const std::size_t end = std::min(patches.size(), from + kAppStatePatchesAtOnce);
  wa::Node list("patches");
  for (std::size_t at = from; at < end; ++at) list.add(wa::Node("patch", {}, patches[at]));
  answer.add(list);
  if (end < patches.size()) answer.set("has_more_patches", "true");
}

void tell_others(Network& network, const Party& who, const std::string& name, std::size_t version) {
  for (auto& [id, device] : who.account.devices) {
    if (id == 0 || &device == &who.device) continue;
    wa::Node collection("collection", {{"name", name}, {"version", std::to_string(version)}});
    wa::Node notification("notification",
                          {{"from", wa::Jid::of_server()}, {"type", "server_sync"}, {"id", network.new_id()}});
    notification.set_number("t", unix_seconds(network.now()));
    notification.add(collection);
    network.deliver(device, notification);
  }
}

wa::Node sync_collection(Network& network, const Party& who, const wa::Node& collection) {
  const std::string name = collection.attr("name");
  wa::Node answer("collection", {{"name", name}});
  const bool is_known = std::find(std::begin(kCollections), std::end(kCollections), name) != std::end(kCollections);
  Refusal refusal = is_known ? Refusal::None : Refusal::NoSuchCollection;
  const bool is_upload = collection.child("patch") != nullptr;
  if (is_known) {
    std::vector<Bytes>& patches = who.account.app_state[name];
    const bool from_start = collection.attr("return_snapshot") == "true";
    const std::int64_t base = from_start ? 0 : std::max<std::int64_t>(collection.number("version").value_or(0), 0);
    if (is_upload) refusal = take(network, who, patches, collection);
    answer.set_number("version", static_cast<std::int64_t>(patches.size()));
    const bool wants_patches = !is_upload || refusal == Refusal::Conflict;
    if (wants_patches) add_patches(answer, patches, static_cast<std::size_t>(base));
    if (is_upload && refusal == Refusal::None) {
      network.keeper.touched();
      tell_others(network, who, name, patches.size());
    }
  }
  if (refusal != Refusal::None) {
    answer.set("type", "error");
    wa::Node error("error", {{"text", text_of(refusal)}});
    error.set_number("code", static_cast<int>(refusal));
    answer.add(error);
  }
  return answer;
}

}  // namespace

wa::Node sync_app_state(Network& network, const Party& who, const wa::Node& sync) {
  wa::Node answer("sync");
  for (const wa::Node* collection : sync.children("collection")) {
    answer.add(sync_collection(network, who, *collection));
  }
  return answer;
}

}  // namespace konekwa::sandbox
