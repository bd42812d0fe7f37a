// A client that waits for its QR code to be scanned: it is given refs to show, then the phone vouches for
// it, it vouches for itself, and it has to log in anew.
#pragma once

#include <string>
#include <vector>

#include "common/loop.h"
#include "daemon/sandbox/account.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/linking.h"

namespace konekwa::sandbox {

struct Network;
class Companion;

class Pairing {
 public:
  Pairing(Network& network, Companion& client, const wa::ClientHelloInfo& hello, const wa::Key& noise_key);

  const std::vector<std::string>& refs() const { return refs_; }
  bool has_ref(const std::string& ref) const;
  const std::string& push_name() const { return hello_.push_name; }
  // The phone of `account` has scanned. The number of the device to be; CONFLICT when it was scanned already.
  Result<std::uint16_t> scan(const wa::LinkingCode& code, Account& account);
  void on_node(const wa::Node& node);

 private:
  void show_refs();
  void on_signed(const wa::Node& answer);

  Network& network_;
  Companion& client_;
  wa::ClientHelloInfo hello_;
  wa::Key noise_key_;
  std::vector<std::string> refs_;
  std::string success_id_;              // of the <pair-success>; "" until it is sent
  Account* account_ = nullptr;
  wa::LinkedDevice linked_;
  std::uint16_t device_id_ = 0;
  Timer expiry_;
};

struct Scanned {
  std::string number, lid;
  std::uint16_t device = 0;
};
// What a phone does with the text of a QR code. `number` "": the account of the client's push name, else a fresh one.
// INVALID_REQUEST: not a QR text; NOT_FOUND: nobody shows it; QR_EXPIRED; CONFLICT: scanned already.
Result<Scanned> scan_qr(Network& network, const std::string& qr_text, const std::string& number);

}  // namespace konekwa::sandbox
