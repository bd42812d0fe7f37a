// A contact whose phone is taken over: it sends what no good client would, and between its attacks it is a good client,
// so that a test can ask whether its next message still arrives. It takes the place of the simulated phone of an
// account of the sandbox, with the same keys.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/sandbox/mailbox.h"
#include "daemon/sandbox/network.h"
#include "daemon/wa/content.h"
#include "daemon/wa/stanzas.h"
#include "tests/sim/world.h"

namespace konekwa::sim {

class HostilePeer final : public sandbox::Outlet {
 public:
  HostilePeer(World& world, const std::string& number);
  ~HostilePeer() override;

  // What a good client does. `message`: a serialized Message. The stanza id.
  std::string send(ByteView message);
  std::string send_text(const std::string& text);
  std::string send_in_group(const wa::Jid& group, ByteView message);   // with the key, each time
  void forget_group_key(const wa::Jid& group) { signal_.sender_keys().forget(group, address()); }

  // The parts of it, to be spoiled.
  wa::Ciphertext encrypt(ByteView padded);
  Bytes encrypt_for_group(const wa::Jid& group, ByteView padded);
  Bytes key_for_group(const wa::Jid& group);        // a serialized Message with a sender key distribution
  static wa::Node enc(std::string type, Bytes octets);
  wa::Node stanza(const std::string& id) const;     // <message> from this phone to our session, without a ciphertext
  wa::Node stanza_in_group(const std::string& id, const wa::Jid& group) const;
  std::string new_id();
  void deliver(wa::Node stanza);                    // to our session's device, by way of its mailbox

  wa::Jid address() const { return account_.lid_jid(); }
  const std::string& number() const { return account_.number; }
  std::size_t texts_shown(const std::string& text) const;   // how often our session let it read that
  int asked_again() const { return asked_again_; }          // retry receipts of our session
  Bytes pad(ByteView message) { return wa::pad(message, world_.random); }

  void on_mail() override;

 private:
  void take(const wa::Node& stanza);
  void take_message(const wa::Node& message);
  void take_retry(const wa::Node& receipt);
  sandbox::Account& victim();
  sandbox::Device& victim_device();
  wa::Jid victim_address();

  World& world_;
  sandbox::Network& network_;
  sandbox::Account& account_;
  wa::SignalState signal_;
  sandbox::Outlet* const phone_;                    // whose place it took
  std::map<std::string, Bytes> sent_;               // good messages, to be encrypted again for who asks
  std::vector<std::string> shown_;
  int asked_again_ = 0;
  Timer turn_;
};

}  // namespace konekwa::sim
