#include "tests/sim/checkers.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <nlohmann/json.hpp>

#include "daemon/store/deliveries.h"
#include "daemon/store/message_media.h"

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

// What became of an accepted message, for a finding.
std::string fate_of(World& world, const Ledger::Accepted& message) {
  const auto row = store::messages::find_by_wa_id(world.disk(), kSession, message.wa_id, true);
  if (!row) return message.text + " (no row)";
  return fmt::format("{} ({} {} {})", message.text, store::to_string(row->state), row->error_code, row->error_details);
}

Findings nothing_accepted_is_lost(World& world) {
  Findings out;
  const auto was_cancelled = cancelled(world);
  std::set<std::string> texts;
  for (const std::string& contact : world.contacts) {
    for (const Seen& seen : shown(world, contact)) texts.insert(contact + " " + seen.text);
  }
  for (const Ledger::Accepted& message : world.ledger.accepted) {
    if (was_cancelled.contains(message.text) || message.to == world.group) continue;
    if (!texts.contains(message.to + " " + message.text)) {
      out.push_back(fate_of(world, message) + " never reached the phone");
    }
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
    std::size_t& latest = last[said.from + " " + said.chat];
    if (position[said.id] < latest) out.push_back(said.text + " was reported out of order");
    latest = position[said.id];
  }
  return out;
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A file is there, octet by octet, or says why it is not; and it is there when nothing ever happened to any.
Findings files_are_whole_or_say_why(World& world) {
  Findings out;
  const bool may_be_lost = world.cdn.has_failed || world.expired_files > 0;
  for (const Ledger::Said& said : world.ledger.said) {
    if (said.file.empty()) continue;
    const auto message = store::messages::find_by_wa_id(world.disk(), kSession, said.id, false);
    const auto media = message ? store::message_media::find(world.disk(), message->sequence) : std::nullopt;
    if (!media) {
      out.push_back(said.text + " has no file");
    } else if (media->state == store::MediaState::PENDING) {
      out.push_back(said.text + " waits for its file for ever");
    } else if (media->state != store::MediaState::STORED) {
      if (media->error.empty()) out.push_back(said.text + " has lost its file without a reason");
      if (!may_be_lost) out.push_back(said.text + " has lost its file for nothing: " + media->error);
    } else if (content_of(world.path_of_file(media->sha256)) != said.file) {
      out.push_back(said.text + " has another file");
    }
  }
  return out;
}

Findings nothing_is_left_half_fetched(World& world) {
  Findings out;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(world.folder() + "/media/tmp", failed)) {
    out.push_back(entry.path().filename().string());
  }
  return out;
}

// From here on: was the contact that comes and goes always in the group, or never?
bool is_constant_since(const World& world, Time at, bool is_in) {
  const auto& changes = world.ledger.membership;
  bool is_now = false, is_constant = true;
  for (const Ledger::Membership& change : changes) {
    if (change.at > at) is_constant = false;
    if (change.at <= at) is_now = change.is_in;
  }
  return is_constant && is_now == is_in;
}

Findings groups_are_read_by_who_is_in_them(World& world) {
  Findings out;
  if (world.group.empty()) return out;
  const auto was_cancelled = cancelled(world);
  const auto texts_of = [&](const std::string& number) {
    std::set<std::string> texts;
    for (const Seen& seen : shown(world, number)) texts.insert(seen.text);
    return texts;
  };
  const auto staying = texts_of(world.contacts[0]), coming = texts_of(world.contacts[1]);
  for (const Ledger::Accepted& message : world.ledger.accepted) {
    if (message.to != world.group || was_cancelled.contains(message.text)) continue;
    if (!staying.contains(message.text)) {
      out.push_back(fate_of(world, message) + " never reached who is in the group");
    }
    const bool was_read = coming.contains(message.text);
    const bool is_member = is_constant_since(world, message.at, true);
    const bool is_stranger = is_constant_since(world, message.at, false);
    if (is_member && !was_read) out.push_back(fate_of(world, message) + " never reached who had come");
    if (is_stranger && was_read) out.push_back(message.text + " was read by who had left");
  }
  return out;
}

// Receipts come late, twice and in another order; what a message has become it stays.
Findings messages_never_go_back(World& world) {
  static const std::map<std::string, int> ranks = {
      {"message.sent", 1}, {"message.delivered", 2}, {"message.read", 3}, {"message.failed", 4}};
  Findings out;
  std::map<std::string, int> last;
  for (const store::EventRow& event : store::deliveries::events_after(world.disk(), kSession, 0, 1'000'000)) {
    const auto rank = ranks.find(event.event_type);
    if (rank == ranks.end()) continue;
    const std::string id = nlohmann::json::parse(event.body)["data"]["message_id"].get<std::string>();
    if (rank->second <= last[id]) out.push_back(event.event_type + " of " + id + " came late or twice");
    last[id] = std::max(last[id], rank->second);
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
      {"files are whole or say why", files_are_whole_or_say_why},
      {"no file is left half fetched", nothing_is_left_half_fetched},
      {"groups are read by who is in them", groups_are_read_by_who_is_in_them},
      {"messages never go back", messages_never_go_back},
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
