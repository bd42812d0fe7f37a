// A simulated WhatsApp network: accounts, their phones and linked devices, and the server between them, speaking the
// real wire. It checks what real clients may not get wrong and logs each breach as a violation.
//
// It has no sockets: transports are handed to it by the listener (TCP) or by the simulation (memory). Everything runs
// on one loop. The state is written to the state directory, so that a restart keeps accounts and keys.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/json.h"
#include "common/loop.h"
#include "common/random.h"
#include "daemon/wa/io/connection.h"

namespace konekwa::sandbox {

class IncomingFile;
class MediaServer;
class Pictures;
struct Network;

struct Options {
  std::string state_dir;                 // "": memory only
  std::string media_host;                // host[:port] told to clients in media_conn
  std::string media_base;                // scheme and host, what the addresses of uploads begin with
  std::vector<Duration> qr_lifetimes = {seconds(60), seconds(20), seconds(20), seconds(20), seconds(20), seconds(20)};
  bool sends_history = true;             // app-state key share and an empty history after the first login
};

struct SandboxAnswer {                   // of the admin API
  int status = 200;
  std::string body = {};                 // JSON
  std::string file = {}, file_type = {}; // instead of a body: the path of a file, and its MIME type
  std::uint64_t file_size = 0;
};

class Sandbox {
 public:
  Sandbox(Loop& loop, Random& random, Options options);
  ~Sandbox();

  const wa::Key& root_key() const;
  void accept(const wa::io::Connection::MakeTransport& make);      // a client has connected

  // The admin API, documented in admin.md beside this file. `target` is path and query.
  SandboxAnswer admin(const std::string& method, const std::string& target, const std::string& body);

  // POST /admin/files: a file that a phone can send later.
  SandboxAnswer admin_file(IncomingFile& file);
  // The CDN, for whoever carries bodies to it and from it.
  MediaServer& media();
  const Pictures& pictures() const;      // what is at their addresses
  Duration media_delay() const;          // a fault: how long each of its answers waits

  // What admin does, for tests in C++.
  struct Seen {                          // by a phone: a decrypted message
    std::string kind = "text";           // "image", "voice", "reaction" ...
    std::string from;                    // phone number of the sender (our own for copies)
    std::string chat;                    // phone number of the other side
    std::string id, text;                // text: caption, question, emoji ... of other kinds
    bool from_me = false;
    Time at{};
  };
  std::string create_account(const std::string& push_name, const std::string& phone_number = {});   // phone number
  Result<std::string> scan_qr(const std::string& qr_text, const std::string& phone_number = {});    // phone number
  Result<std::string> say(const std::string& from_number, const std::string& to_number, const std::string& text);  // id
  Result<> read(const std::string& number, const std::string& message_id);     // the phone's read receipt
  Result<> set_phone_online(const std::string& number, bool online);
  // The ratchets of the phone with all devices of the peer.
  Result<> corrupt_ratchet(const std::string& number, const std::string& peer_number);
  Result<> unlink(const std::string& number, std::uint16_t device);           // "log out" on the phone
  std::vector<Seen> inbox(const std::string& number) const;
  std::vector<std::string> violations() const;
  // The newest client version, as WhatsApp's web page tells it to browsers: clients that are outdated look there.
  std::string web_version() const;
  void disconnect_all();                 // cuts every client, as a network failure would
  void save();                           // now; otherwise shortly after a change
  Network& network();                    // for tests that play a hostile peer, or a hostile server

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::sandbox
