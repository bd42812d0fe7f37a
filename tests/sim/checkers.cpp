#include "tests/sim/checkers.h"

#include <set>

#include <nlohmann/json.hpp>

#include "daemon/store/deliveries.h"

namespace konekwa::sim {
namespace {

using Findings = std::vector<std::string>;
using Seen = sandbox::Sandbox::Seen;

// The texts that a phone was shown by us, in order.
std::vector<Seen> shown(World& world, const std::string& number) {
  std::vector<Seen> out;
  for (const Seen& seen : world.network->inbox(number)) {
    if (!seen.from_me && seen.from == world.own_number) out.push_back(seen);
  }
  return out;
}

// What somebody took back, and in time.
std::set<std::string> cancelled(World& world) {
  std::set<std::string> out;
  world.disk().query("SELECT content FROM messages WHERE state = 'CANCELLED'", {}, [&](const store::Row& row) {
    if (world.ledger.taken_back.contains(row.text(0))) out.insert(row.text(0));
  });
  return out;
}

Findings nothing_accepted_is_lost(World& world) {
  Findings out;
  const auto was_cancelled = cancelled(world);
  std::set<std::string> texts;
  for (const std::string& contact : world.contacts) {
    for (const Seen& seen : shown(world, contact)) texts.insert(contact + " " + seen.text);
  }
  for (const Ledger::Accepted& message : world.ledger.accepted) {
    if (was_cancelled.contains(message.text)) continue;
    if (!texts.contains(message.to + " " + message.text)) out.push_back(message.text + " never reached the phone");
  }
  return out;
}

Findings no_phone_shows_what_was_cancelled(World& world) {
  Findings out;
  const auto was_cancelled = cancelled(world);
  for (const std::string& contact : world.contacts) {
    for (const Seen& seen : shown(world, contact)) {
      if (was_cancelled.contains(seen.text)) out.push_back(seen.text + " was shown though it was cancelled");
    }
  }
  return out;
}

Findings no_phone_shows_a_message_twice(World& world) {
  Findings out;
  for (const std::string& contact : world.contacts) {
    std::set<std::string> texts;
    for (const Seen& seen : shown(world, contact)) {
      if (!texts.insert(seen.text).second) out.push_back(seen.text + " was shown twice");
    }
  }
  return out;
}

Findings phones_show_the_order_of_acceptance(World& world) {
  Findings out;
  for (const std::string& contact : world.contacts) {
    std::map<std::string, std::int64_t> position;
    // What was scheduled goes by its time.
    world.disk().query("SELECT content, sequence FROM messages"
                       " WHERE outbound = 1 AND recipient = ? AND scheduled_at IS NULL", {contact},
                       [&](const store::Row& row) { position[row.text(0)] = row.integer(1); });
    std::int64_t last = 0;
    for (const Seen& seen : shown(world, contact)) {
      if (!position.contains(seen.text)) continue;
      if (position[seen.text] < last) out.push_back(seen.text + " was shown out of order");
      last = position[seen.text];
    }
  }
  return out;
}

// The bodies of message.received events, by stanza id, in the order of the session's sequence.
std::vector<std::string> received_ids(World& world) {
  std::vector<std::string> out;
  for (const store::EventRow& event : store::deliveries::events_after(world.disk(), kSession, 0, 1'000'000)) {
    if (event.event_type != "message.received") continue;
    out.push_back(nlohmann::json::parse(event.body)["data"]["message"]["wa_message_id"].get<std::string>());
  }
  return out;
}

Findings each_inbound_message_makes_one_event(World& world) {
  Findings out;
  std::map<std::string, int> events;
  for (const std::string& id : received_ids(world)) ++events[id];
  for (const Ledger::Said& said : world.ledger.said) {
    if (events[said.id] != 1) out.push_back(fmt::format("{} made {} events", said.text, events[said.id]));
  }
  return out;
}

Findings inbound_order_is_kept(World& world) {
  Findings out;
  std::map<std::string, std::size_t> position;
  std::size_t count = 0;
  for (const std::string& id : received_ids(world)) position[id] = ++count;
  std::map<std::string, std::size_t> last;
  for (const Ledger::Said& said : world.ledger.said) {
    if (position[said.id] < last[said.from]) out.push_back(said.text + " was reported out of order");
    last[said.from] = position[said.id];
  }
  return out;
}

Findings sequences_have_no_gap(World& world) {
  Findings out;
  std::int64_t expected = 0;
  for (const store::EventRow& event : store::deliveries::events_after(world.disk(), kSession, 0, 1'000'000)) {
    if (event.sequence != ++expected) {
      out.push_back(fmt::format("event {} where {} was due", event.sequence, expected));
      expected = event.sequence;
    }
  }
  return out;
}

Findings webhooks_see_every_event(World& world) {
  Findings out;
  std::set<std::string> accepted;
  for (const Receiver::Delivery& delivery : world.receiver.deliveries) {
    if (delivery.is_accepted) accepted.insert(delivery.event_id);
  }
  for (const store::DeliveryRow& row : store::deliveries::list_of_session(world.disk(), kSession)) {
    if (row.expires_at) continue;  // a QR code is of no use later
    if (!accepted.contains(row.event_id)) out.push_back(row.event_type + " never arrived");
  }
  return out;
}

// A ratchet that was set back would use a key twice; the network sees that, and everything else a client may not do.
Findings network_saw_no_violation(World& world) { return world.network->violations(); }

Findings database_is_sound(World& world) {
  Findings out;
  world.disk().query("PRAGMA integrity_check", {}, [&](const store::Row& row) {
    if (row.text(0) != "ok") out.push_back(row.text(0));
  });
  return out;
}

}  // namespace

const std::vector<Checker>& checkers() {
  static const std::vector<Checker> all = {
      {"no accepted message is lost", nothing_accepted_is_lost},
      {"what was cancelled is never sent", no_phone_shows_what_was_cancelled},
      {"a phone never shows a message twice", no_phone_shows_a_message_twice},
      {"order is kept in each chat", phones_show_the_order_of_acceptance},
      {"each inbound message makes exactly one event", each_inbound_message_makes_one_event},
      {"inbound order is kept in each chat", inbound_order_is_kept},
      {"event sequences have no gap", sequences_have_no_gap},
      {"webhooks see every event", webhooks_see_every_event},
      {"no violation on the network, no ratchet goes back", network_saw_no_violation},
      {"the database is sound", database_is_sound},
  };
  return all;
}

std::vector<std::string> check(World& world) {
  std::vector<std::string> out;
  for (const Checker& checker : checkers()) {
    for (const std::string& finding : checker.find(world)) out.push_back(std::string(checker.name) + ": " + finding);
  }
  return out;
}

}  // namespace konekwa::sim
