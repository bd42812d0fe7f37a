#include "daemon/wa/proto_bytes.h"
#include "daemon/wa/stanzas.h"
#include "proto/server_sync.pb.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

constexpr const char* kAnna = "6281234567890";

// Anna's computer and her tablet.
struct Desk : Town {
  explicit Desk(sandbox::Options o = {}) : Town(std::move(o)) {
    computer.link(kAnna);
    computer.come_up();
    tablet.link(kAnna);
    tablet.come_up();
    forget();
  }

  void forget() {
    computer.heard.clear();
    tablet.heard.clear();
  }

  // The answer for one collection.
  wa::Node sync(Device& device, wa::Node collection) {
    wa::Node iq("iq", {{"type", "set"}, {"xmlns", "w:sync:app:state"}, {"to", wa::Jid::of_server()},
                       {"id", device.new_id()}});
    iq.add(wa::Node("sync", {}, wa::Node::Children{std::move(collection)}));
    const wa::Node answer = device.ask(iq);
    REQUIRE(answer.child("sync"));
    REQUIRE(answer.child("sync")->child("collection"));
    return *answer.child("sync")->child("collection");
  }

  wa::Node fetch(Device& device, std::int64_t version, const char* name = "regular") {
    wa::Node collection("collection", {{"name", name}, {"return_snapshot", version == 0 ? "true" : "false"}});
    collection.set_number("version", version);
    return sync(device, collection);
  }

  wa::Node upload(Device& device, std::int64_t base, ByteView patch, const char* name = "regular") {
    wa::Node collection("collection", {{"name", name}, {"return_snapshot", "false"}});
    collection.set_number("version", base);
    collection.add(wa::Node("patch", {}, to_bytes(patch)));
    return sync(device, collection);
  }

  Device computer{*this}, tablet{*this};
};

// A patch whose MACs are `mark`, with a mutation that the server does not understand.
Bytes patch(char mark) {
  wa::proto::SyncdPatchHead head;
  head.set_snapshot_mac(std::string(32, mark));
  head.set_patch_mac(std::string(32, mark));
  head.mutable_key_id()->set_id("key");
  Bytes bytes = wa::serialize(head);
  append(bytes, Bytes{0x12, 0x02, 0x08, 0x00});
  return bytes;
}

struct Told {
  std::uint64_t version;
  char mark;
  bool operator==(const Told&) const = default;
};

std::vector<Told> patches_in(const wa::Node& collection) {
  std::vector<Told> told;
  const wa::Node* patches = collection.child("patches");
  if (!patches) return told;
  for (const wa::Node* one : patches->children("patch")) {
    wa::proto::SyncdPatchHead head;
    REQUIRE(wa::parse(one->bytes(), head));
    CHECK(one->bytes().size() == patch('x').size() + 4);  // the version, and all that was there
    told.push_back({head.version().version(), head.patch_mac().front()});
  }
  return told;
}

}  // namespace

TEST_CASE("a patch is numbered and kept, and the account's other devices hear of it", "[sandbox][app-state]") {
  Desk desk;
  CHECK(desk.fetch(desk.tablet, 0).attr("version") == "0");
  const wa::Node accepted = desk.upload(desk.computer, 0, patch('a'));
  CHECK(accepted.attr("type").empty());
  CHECK(accepted.attr("version") == "1");
  CHECK(patches_in(accepted).empty());
  const auto news = desk.tablet.last("notification", "server_sync");
  REQUIRE(news);
  CHECK(news->jid("from") == wa::Jid::of_server());
  CHECK(news->child("collection")->attr("name") == "regular");
  CHECK(news->child("collection")->attr("version") == "1");
  CHECK_FALSE(desk.computer.last("notification", "server_sync"));
  CHECK(patches_in(desk.fetch(desk.tablet, 0)) == std::vector<Told>{{1, 'a'}});
  CHECK(patches_in(desk.fetch(desk.tablet, 1)).empty());
  CHECK(patches_in(desk.fetch(desk.tablet, 0, "regular_low")).empty());
}

TEST_CASE("a patch that does not follow the newest is refused with what was missed", "[sandbox][app-state]") {
  Desk desk;
  desk.upload(desk.computer, 0, patch('a'));
  desk.upload(desk.computer, 1, patch('b'));
  desk.forget();
  const wa::Node conflict = desk.upload(desk.tablet, 1, patch('c'));
  CHECK(conflict.attr("type") == "error");
  REQUIRE(conflict.child("error"));
  CHECK(conflict.child("error")->attr("code") == "409");
  CHECK(patches_in(conflict) == std::vector<Told>{{2, 'b'}});
  CHECK_FALSE(desk.computer.last("notification", "server_sync"));
  CHECK(desk.upload(desk.tablet, 3, patch('c')).child("error")->attr("code") == "409");  // from the future
  CHECK(desk.upload(desk.tablet, 2, patch('c')).attr("version") == "3");
  CHECK(desk.computer.last("notification", "server_sync"));
}

TEST_CASE("many patches come in parts", "[sandbox][app-state]") {
  Desk desk;
  for (int i = 0; i < 60; ++i) desk.upload(desk.computer, i, patch('a'));
  const wa::Node first = desk.fetch(desk.tablet, 0);
  CHECK(first.attr("has_more_patches") == "true");
  REQUIRE(patches_in(first).size() == 50);
  const wa::Node second = desk.fetch(desk.tablet, 50);
  CHECK(second.attr("has_more_patches").empty());
  CHECK(patches_in(second).size() == 10);
}

TEST_CASE("what is no patch, or for no collection, is refused", "[sandbox][app-state]") {
  Desk desk;
  CHECK(desk.upload(desk.computer, 0, Bytes{0xFF, 0xFF}).child("error")->attr("code") == "400");
  CHECK(desk.kinds_of_violations() == std::vector<std::string>{"app-state"});
  CHECK(desk.upload(desk.computer, 0, patch('a'), "irregular").child("error")->attr("code") == "404");
  CHECK(desk.fetch(desk.computer, 0).attr("version") == "0");
}

TEST_CASE("patches survive a restart and are the account's own", "[sandbox][app-state]") {
  TempDir directory;
  sandbox::Options options;
  options.state_dir = directory.path();
  Desk desk(options);
  Device stranger(desk);
  stranger.link("6281234567891");
  stranger.come_up();
  desk.upload(desk.computer, 0, patch('a'));
  CHECK(patches_in(desk.fetch(stranger, 0)).empty());
  desk.restart();
  desk.tablet.come_up();
  CHECK(patches_in(desk.fetch(desk.tablet, 0)) == std::vector<Told>{{1, 'a'}});
}

}  // namespace konekwa::test
