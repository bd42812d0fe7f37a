// A sandbox on virtual time with clients in memory: what its tests begin with.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/sandbox/sandbox.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/content.h"
#include "daemon/wa/io/connection.h"
#include "daemon/wa/linking.h"
#include "daemon/wa/signal/signal_state.h"
#include "tests/support/manual_loop.h"
#include "tests/support/memory_transport.h"
#include "tests/support/seeded_random.h"

namespace konekwa::test {

struct Town {
  explicit Town(sandbox::Options options = {});

  void restart();                    // the sandbox, from its state directory; clients are cut
  std::string admin(const std::string& method, const std::string& target, const std::string& body = {});
  // The kinds of the violations so far, in order.
  std::vector<std::string> kinds_of_violations() const;

  ManualLoop loop;
  SeededRandom random{1};
  sandbox::Options options;
  std::unique_ptr<sandbox::Sandbox> sandbox;
  MemoryNetwork network;
};

// A linked device that speaks the raw protocol. It acks nothing and answers nothing by itself.
class Device final : public wa::io::Connection::Handler {
 public:
  explicit Device(Town& town);
  ~Device() override;

  // Registers, shows its QR code, is scanned by the phone of `number` ("": a fresh account), comes back and comes up.
  void link(const std::string& number = {});
  std::string show_qr();             // connects as a new device; the text of its first code
  void log_in();                     // connects; <success>, <failure> or <stream:error> is in `heard`
  void come_up();                    // logs in, uploads prekeys, leaves the passive mode
  void hang_up();

  void send(const wa::Node& node);
  wa::Node ask(wa::Node iq);         // the answer
  std::string new_id();
  std::size_t upload_prekeys(std::size_t count);

  // A text for all devices of a number and our own, as a good client sends it. `skip`: devices to leave out.
  wa::Node text_for(const std::string& number, const std::string& text, const std::string& id,
                    const std::vector<wa::Jid>& skip = {});
  wa::Node say(const std::string& number, const std::string& text, const std::string& id);   // the <ack>
  Result<wa::Content> open(const wa::Node& message);                                          // decrypted
  Result<std::string> read(const wa::Node& message);                                          // its text

  std::vector<wa::Node> all(std::string_view tag, std::string_view type = {}) const;
  std::optional<wa::Node> last(std::string_view tag, std::string_view type = {}) const;
  bool is_connected() const { return connection_ != nullptr; }

  wa::Jid pn, lid;                   // with our device; empty until linked
  Bytes account;                     // ADVSignedDeviceIdentity
  std::vector<wa::Node> heard;
  wa::KeyPair noise, signing;        // signing: what the device signs its ADV identity with
  wa::DeviceIdentity identity;
  wa::Version version = wa::default_version();
  std::unique_ptr<wa::SignalState> signal;

 private:
  void connect(Bytes payload);
  void on_connection_ready(const wa::Key& peer, Bytes payload) override;
  void on_connection_node(wa::Node node) override;
  void on_connection_closed(Error why) override;
  wa::Jid canonical(const wa::Node& message) const;

  Town& town_;
  std::unique_ptr<wa::io::Connection> connection_;
  Bytes adv_secret_;
  bool is_ready_ = false;
  int next_id_ = 1;
  std::uint32_t next_prekey_ = 1;
};

}  // namespace konekwa::test
