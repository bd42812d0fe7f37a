#include "tests/sim/hostile_stage.h"

#include <malloc.h>
#include <sys/resource.h>


#include <nlohmann/json.hpp>

#include "common/log.h"
#include "daemon/sandbox/companion.h"
#include "daemon/wa/groups.h"
#include "tests/unit/wa/content_vectors.h"

namespace konekwa::sim {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr double kCpuSecondsMax = 20;
constexpr bool kSeesHeap = false;
#else
constexpr double kCpuSecondsMax = 2;
constexpr bool kSeesHeap = true;
#endif
constexpr std::int64_t kHeapGrowthMax = 8 << 20;      // that an attack leaves behind
constexpr Duration kPatience = minutes(15);

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  const auto seconds_of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

std::int64_t heap_bytes() {
  const auto info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

Bytes varint(std::uint64_t value) {
  Bytes out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
  return out;
}

std::vector<Sample> make_samples() {
  std::vector<Sample> out;
  for (const test::ContentVector& vector : test::kContentVectors) {
    out.push_back({std::string(vector.name), *from_hex(vector.hex)});
  }
  const wa::Jid group{"120363021033254949", wa::Server::Group};
  out.push_back({"text", wa::encode_text("hello")});
  out.push_back({"sender_key", wa::encode_key_distribution(group, Bytes(80, 7))});
  out.push_back({"app_state_keys", wa::encode_app_state_key_share(Bytes(6, 1), Bytes(32, 2), Time{})});
  out.push_back({"history", wa::encode_history_notification(wa::HistorySyncType::Recent, 1, 50)});
  out.push_back({"device_sent", wa::wrap_device_sent(wa::encode_text("a copy"), wa::Jid::lid("100000000000001"))});
  return out;
}

}  // namespace

Bytes field(std::uint32_t number, ByteView value) {
  return concat({varint(number << 3 | 2), varint(value.size()), value});
}

Bytes number_field(std::uint32_t number, std::uint64_t value) { return concat({varint(number << 3), varint(value)}); }

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = make_samples();
  return all;
}

Stage::Stage()
    : world([] {
        log::set_level(log::Level::Off);
        return WorldOptions{};
      }()),
      peer(world, world.contacts[0]),
      bystander(world.contacts[1]) {
  world.pair();
  const nlohmann::json body = {
      {"subject", "Arisan"}, {"creator", bystander}, {"members", {world.own_number, peer.number()}}};
  const auto made = world.network->admin("POST", "/admin/groups", body.dump());
  const std::string id = nlohmann::json::parse(made.body)["id"];
  group = wa::Jid{id.substr(0, id.find('@')), wa::Server::Group, 0};
  world.accept(peer.number(), "hello");   // so that it can answer with a ratchet that both have
  world.loop.advance(minutes(1));
}

sandbox::Device& Stage::device() { return network().directory.find_number(world.own_number)->devices.rbegin()->second; }

void Stage::send(const wa::Node& node) {
  if (device().outlet) static_cast<sandbox::Companion*>(device().outlet)->send(node);
}

void Stage::send_packed(ByteView plaintext) {
  if (device().outlet) static_cast<sandbox::Companion*>(device().outlet)->send_packed(plaintext);
}

std::int64_t Stage::count(const std::string& sql) { return world.disk().integer(sql).value_or(0); }

store::MessageRow Stage::message(const std::string& text) {
  std::string id;
  world.disk().query("SELECT id FROM messages WHERE content = ?", {text},
                     [&](const store::Row& row) { id = row.text(0); });
  return store::messages::find(world.disk(), id).value_or(store::MessageRow{});
}

std::int64_t Stage::disk_bytes() {
  return count("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
}

void Stage::expect(const std::string& what, const std::function<bool()>& condition) {
  if (!world.loop.run_until(condition, kPatience)) findings_.push_back(what);
}

std::vector<std::string> Stage::attack(const std::function<void(Stage&)>& run) {
  findings_.clear();
  const double started = cpu_seconds();
  const std::int64_t heap = heap_bytes(), disk = disk_bytes();
  run(*this);
  world.loop.advance(seconds(30));
  const double took = cpu_seconds() - started;
  if (took > kCpuSecondsMax) findings_.push_back(fmt::format("it took {:.1f} s of the loop", took));
  network().tamper = nullptr;
  if (leaves_mail) {
    while (const wa::Node* rest = device().mailbox.stanzas().empty() ? nullptr : &device().mailbox.stanzas().front()) {
      const wa::Node copy = *rest;
      device().mailbox.settle(copy.tag, copy.attr("id"), copy.jid("from"));
    }
    leaves_mail = false;
  }

  using enum store::MessageState;
  const std::string in = fmt::format("good {}", ++attacks_), other = in + " of another", out = in + " out";
  expect("the session is not connected", [this] { return world.status() == "CONNECTED"; });
  peer.send_text(in);
  KONEKWA_ASSERT(world.network->say(bystander, world.own_number, other));
  world.accept(bystander, out);
  expect("the next message of the same peer is lost", [&] { return message(in).state == RECEIVED; });
  expect("the next message of another peer is lost", [&] { return message(other).state == RECEIVED; });
  expect("the next message to another is not delivered", [&] { return message(out).state == DELIVERED; });
  expect("mail is not settled", [this] { return device().mailbox.stanzas().empty(); });
  if (count(fmt::format("SELECT count(*) FROM messages WHERE content = '{}'", in)) != 1) {
    findings_.push_back("the next message of the same peer is there twice");
  }
  // The disk is in memory here: a buffer that is doubled when it is full.
  const std::int64_t disk_growth = disk_bytes() - disk;
  const std::int64_t growth_max = kHeapGrowthMax + (disk_growth > 0 ? 2 * (disk + disk_growth) : 0);
  const std::int64_t grown = heap_bytes() - heap;
  if (kSeesHeap && grown > growth_max) findings_.push_back(fmt::format("the heap grew by {} KiB", grown / 1024));
  return findings_;
}

}  // namespace konekwa::sim
