// Where attacks take place: a session with a hostile contact, a good one, and a group of the three. After each attack
// the stage asks what must still be true, whatever the attack was.
#pragma once

#include <string>
#include <vector>

#include "daemon/wa/content.h"
#include "tests/sim/hostile_peer.h"
#include "tests/sim/world.h"

namespace konekwa::sim {

class Stage {
 public:
  Stage();

  // Runs the attack, then says what is wrong: nothing, if the session lives, is in time, keeps its memory, has settled
  // its mail, and loses neither the next message of the hostile contact nor of the other, in or out.
  std::vector<std::string> attack(const std::function<void(Stage&)>& run);

  World world;
  HostilePeer peer;
  const std::string bystander;
  wa::Jid group;
  bool leaves_mail = false;       // the attack is a stanza that nobody can settle: it goes when the attack is over

  sandbox::Network& network() { return world.network->network(); }
  sandbox::Device& device();      // our session's
  // The hostile server's: to the session's connection, past the mailbox.
  void send(const wa::Node& node);
  void send_packed(ByteView plaintext);
  std::int64_t count(const std::string& sql);
  store::MessageRow message(const std::string& text);

 private:
  std::int64_t disk_bytes();
  void expect(const std::string& what, const std::function<bool()>& condition);

  std::vector<std::string> findings_;
  int attacks_ = 0;
};

// --- messages, by hand: a serialized field of protobuf's wire format.
Bytes field(std::uint32_t number, ByteView value);          // length-delimited
Bytes number_field(std::uint32_t number, std::uint64_t value);

// A serialized Message of each kind.
struct Sample {
  std::string name;
  Bytes message;
};
const std::vector<Sample>& samples();

}  // namespace konekwa::sim
