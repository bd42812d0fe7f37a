#include "tests/sim/history.h"

#include "tests/sim/checkers.h"

namespace konekwa::sim {
namespace {

constexpr Duration kDrainMax = hours(2);
constexpr int kStepsMin = 8;
constexpr std::uint64_t kStepsSpread = 16;

class History {
 public:
  explicit History(const WorldOptions& options) : world_(options), started_(world_.loop.now()) {}

  World& world() { return world_; }
  const std::string& some_contact() { return world_.contacts[world_.random.below(world_.contacts.size())]; }
  void send(const std::string& contact) { world_.accept(contact, fmt::format("out {}", ++sent_)); }
  void send_image(const std::string& contact) { world_.accept_image(contact, fmt::format("out {}", ++sent_)); }
  void send_later(const std::string& contact) {
    const Duration delay(static_cast<std::int64_t>(1 + world_.random.below(20'000)));
    world_.accept(contact, fmt::format("out {}", ++sent_), delay);
  }
  void cancel_last() {
    if (sent_ > 0) world_.cancel(fmt::format("out {}", sent_));
  }
  void say(const std::string& contact) { world_.say(contact, fmt::format("in {}", ++said_)); }
  void wait(std::uint64_t ms_max) {
    world_.loop.advance(Duration(static_cast<std::int64_t>(1 + world_.random.below(ms_max))));
  }
  void read_last(const std::string& contact) {
    const auto inbox = world_.network->inbox(contact);
    if (!inbox.empty() && !inbox.back().from_me) (void)world_.network->read(contact, inbox.back().id);
  }

  Outcome finish() {
    Outcome outcome;
    if (!world_.drain(kDrainMax)) outcome.findings.push_back("the end: something waits for ever");
    for (std::string& finding : check(world_)) outcome.findings.push_back(std::move(finding));
    outcome.sent = world_.ledger.accepted.size();
    outcome.received = world_.ledger.said.size();
    outcome.crashes = world_.crashes;
    outcome.commits = world_.commits;
    outcome.virtual_time = world_.loop.now() - started_;
    return outcome;
  }

 private:
  World world_;
  Time started_;
  int sent_ = 0;
  int said_ = 0;
};

using Step = void (*)(History&);

void send_one(History& history) { history.send(history.some_contact()); }
void send_burst(History& history) {
  const std::string contact = history.some_contact();
  for (int i = 0; i < 4; ++i) history.send(contact);
}
void send_image(History& history) { history.send_image(history.some_contact()); }
void send_later(History& history) { history.send_later(history.some_contact()); }
void send_and_cancel(History& history) {
  history.send(history.some_contact());
  history.cancel_last();
}
void cancel_last(History& history) { history.cancel_last(); }
void say_one(History& history) { history.say(history.some_contact()); }
void say_burst(History& history) {
  const std::string contact = history.some_contact();
  for (int i = 0; i < 4; ++i) history.say(contact);
}
void say_and_send(History& history) {
  const std::string contact = history.some_contact();
  history.say(contact);
  history.send(contact);
}
void read(History& history) { history.read_last(history.some_contact()); }
void go_offline(History& history) { (void)history.world().network->set_phone_online(history.some_contact(), false); }
void go_online(History& history) { (void)history.world().network->set_phone_online(history.some_contact(), true); }
void cut(History& history) { history.world().cut(); }
void black_hole(History& history) { history.world().black_hole(); }
void crash(History& history) { history.world().crash(); }
void crash_midway(History& history) {
  say_and_send(history);
  history.wait(60);
  history.world().crash();
}
void crash_in_burst(History& history) {
  send_burst(history);
  history.wait(1000);
  history.world().crash();
}
void restart(History& history) { history.world().restart_cleanly(); }
void break_receiver(History& history) { history.world().receiver.failure_rate = 0.6; }
void break_cdn(History& history) { history.world().cdn.failure_rate = 0.5; }
void mend_cdn(History& history) { history.world().cdn.failure_rate = 0; }
void mend_receiver(History& history) { history.world().receiver.failure_rate = 0; }
void wait_long(History& history) { history.wait(40'000); }

// Twice or more in the table: twice or more as likely.
constexpr Step kSteps[] = {
    send_one, send_one, send_burst, send_image, send_image, send_later, send_later, send_and_cancel, cancel_last,
    say_one, say_one, say_burst, say_and_send, read,
    go_offline, go_online, go_online, cut, black_hole, crash, crash_midway, crash_in_burst, restart,
    break_receiver, mend_receiver, break_cdn, mend_cdn, wait_long,
};

}  // namespace

Outcome run_random_history(const WorldOptions& options) {
  History history(options);
  history.world().pair();
  test::SeededRandom& random = history.world().random;
  const auto steps = kStepsMin + static_cast<int>(random.below(kStepsSpread));
  for (int i = 0; i < steps; ++i) {
    kSteps[random.below(std::size(kSteps))](history);
    history.wait(random.below(4) == 0 ? 5000 : 80);
  }
  return history.finish();
}

Outcome run_scripted_history(const WorldOptions& options) {
  History history(options);
  World& world = history.world();
  world.pair();
  const std::string& one = world.contacts[0];
  const std::string& other = world.contacts[1];
  history.send(one);
  world.loop.advance(milliseconds(400));
  history.say(one);
  world.loop.advance(milliseconds(200));
  history.say(other);
  history.send(one);
  history.send(other);
  world.loop.advance(milliseconds(300));
  history.read_last(one);
  (void)world.network->set_phone_online(other, false);
  history.send(other);
  history.say(one);
  world.loop.advance(seconds(1));
  world.cut();
  history.send(one);
  history.send_later(one);
  history.send_later(other);
  history.cancel_last();
  history.say(one);
  world.loop.advance(seconds(5));
  (void)world.network->set_phone_online(other, true);
  world.loop.advance(seconds(2));
  return history.finish();
}

}  // namespace konekwa::sim
