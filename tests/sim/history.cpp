#include "tests/sim/history.h"

#include "tests/sim/checkers.h"

namespace konekwa::sim {
namespace {

constexpr Duration kDrainMax = hours(2);
constexpr Duration kAftermath = minutes(1);
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
  void say_file(const std::string& contact) { world_.say_file(contact, fmt::format("in {}", ++said_)); }
  void say_in_group(const std::string& contact) { world_.say_in_group(contact, fmt::format("in {}", ++said_)); }
  void send_to_group() { send(world_.group); }
  void wait(std::uint64_t ms_max) {
    world_.loop.advance(Duration(static_cast<std::int64_t>(1 + world_.random.below(ms_max))));
  }
  void read_last(const std::string& contact) {
    const auto inbox = world_.network->inbox(contact);
    if (!inbox.empty() && !inbox.back().from_me) (void)world_.network->read(contact, inbox.back().id);
  }

  Outcome finish() {
    Outcome outcome;
    // What was received by one of a group is not by all; those who ask again get their answer meanwhile.
    const bool is_drained = world_.drain(kDrainMax);
    world_.loop.advance(kAftermath);
    if (!is_drained || !world_.drain(kDrainMax)) outcome.findings.push_back("the end: something waits for ever");
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

void set_fault(History& history, const char* name) {
  const std::string body = fmt::format(R"({{"{}":{}}})", name, 1 + history.world().random.below(4));
  (void)history.world().network->admin("POST", "/admin/faults", body);
}

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
void say_file(History& history) { history.say_file(history.some_contact()); }
void say_files(History& history) {
  for (int i = 0; i < 4; ++i) history.say_file(history.some_contact());
}
void crash_with_files(History& history) {
  say_files(history);
  history.wait(2000);
  history.world().crash();
}
void own_phone_offline(History& history) {
  (void)history.world().network->set_phone_online(history.world().own_number, false);
}
void own_phone_online(History& history) {
  (void)history.world().network->set_phone_online(history.world().own_number, true);
}
void expire_files(History& history) { history.world().expire_files(); }
void say_file_and_expire(History& history) {
  say_file(history);
  history.wait(30);
  history.world().expire_files();
}
void break_cdn(History& history) {
  using enum CdnFault;
  history.world().cdn.failure_rate = 0.5;
  history.world().cdn.faults = {Refused, Lost, Drip, Absent, Gone, Redirected};
}
void spoil_files(History& history) {
  using enum CdnFault;
  history.world().cdn.failure_rate = 0.3;
  history.world().cdn.faults = {Flipped, Short, Longer, Empty, Endless};
}
void late_receipts(History& history) { set_fault(history, "late_receipts"); }
void double_receipts(History& history) { set_fault(history, "duplicate_receipts"); }
void double_messages(History& history) { set_fault(history, "duplicate_messages"); }
void read_many(History& history) {
  for (int i = 0; i < 3; ++i) history.read_last(history.some_contact());
}
void mend_cdn(History& history) { history.world().cdn.failure_rate = 0; }
void mend_receiver(History& history) { history.world().receiver.failure_rate = 0; }
void wait_long(History& history) { history.wait(40'000); }

// Twice or more in the table: twice or more as likely.
constexpr Step kSteps[] = {
    send_one, send_one, send_burst, send_image, send_image, send_later, send_later, send_and_cancel, cancel_last,
    say_one, say_one, say_burst, say_and_send, read,
    go_offline, go_online, go_online, cut, black_hole, crash, crash_midway, crash_in_burst, restart,
    break_receiver, mend_receiver, break_cdn, spoil_files, mend_cdn, wait_long,
    say_file, say_file, say_files, crash_with_files, expire_files, say_file_and_expire, own_phone_offline,
    own_phone_online, late_receipts, double_receipts, double_messages, read_many,
};

void send_to_group(History& history) { history.send_to_group(); }
void send_to_group_often(History& history) {
  for (int i = 0; i < 3; ++i) history.send_to_group();
}
void say_in_group(History& history) { history.say_in_group(history.some_contact()); }
void talk_in_group(History& history) {
  say_in_group(history);
  history.send_to_group();
  say_in_group(history);
}
void leave_group(History& history) { history.world().set_in_group(false); }
void join_group(History& history) { history.world().set_in_group(true); }
void send_and_leave(History& history) {
  history.send_to_group();
  history.wait(40);
  leave_group(history);
  history.send_to_group();
}
void leave_and_join(History& history) {
  leave_group(history);
  history.send_to_group();
  history.wait(300);
  join_group(history);
  history.send_to_group();
}
void crash_in_group(History& history) {
  talk_in_group(history);
  history.wait(300);
  history.world().crash();
}

// Beside the others, when there is a group.
constexpr Step kGroupSteps[] = {
    send_to_group, send_to_group, send_to_group_often, say_in_group, say_in_group, talk_in_group, leave_group,
    join_group, join_group, send_and_leave, leave_and_join, crash_in_group,
};

}  // namespace

Outcome run_random_history(const WorldOptions& options) {
  History history(options);
  history.world().pair();
  test::SeededRandom& random = history.world().random;
  const auto steps = kStepsMin + static_cast<int>(random.below(kStepsSpread));
  // Every other history has a group, in which half of it takes place.
  const bool has_group = random.below(2) == 0;
  if (has_group) history.world().make_group();
  for (int i = 0; i < steps; ++i) {
    const bool is_of_group = has_group && random.below(2) == 0;
    is_of_group ? kGroupSteps[random.below(std::size(kGroupSteps))](history)
                : kSteps[random.below(std::size(kSteps))](history);
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
  history.say_file(one);
  world.loop.advance(seconds(1));
  history.say_file(other);
  world.loop.advance(milliseconds(40));
  world.expire_files();   // so that the own phone is asked
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

Outcome run_scripted_group_history(const WorldOptions& options) {
  History history(options);
  World& world = history.world();
  world.pair();
  const std::string& one = world.contacts[0];
  const std::string& other = world.contacts[1];
  world.make_group();
  history.say_in_group(one);
  world.loop.advance(seconds(2));
  history.send_to_group();
  world.loop.advance(seconds(2));
  history.say_in_group(other);
  world.set_in_group(false);
  world.loop.advance(milliseconds(100));
  history.send_to_group();
  history.say_in_group(one);
  world.loop.advance(seconds(5));
  world.cut();
  history.send_to_group();
  world.set_in_group(true);
  world.loop.advance(seconds(5));
  history.send_to_group();
  history.read_last(one);
  history.read_last(other);
  history.say_in_group(other);
  world.loop.advance(seconds(2));
  return history.finish();
}

}  // namespace konekwa::sim
