// What the parts of the sandbox share: accounts, phones, connections, the log of violations and the loop. The parts
// are functions and classes that take a Network&; it does nothing by itself but deliver and remember.
// Everything runs on the loop's thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/loop.h"
#include "common/random.h"
#include "daemon/sandbox/account.h"
#include "daemon/sandbox/clients.h"
#include "daemon/sandbox/faults.h"
#include "daemon/sandbox/group.h"
#include "daemon/sandbox/media_server.h"
#include "daemon/sandbox/pictures.h"
#include "daemon/sandbox/presence.h"
#include "daemon/sandbox/ratchet_watch.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/sandbox/state_keeper.h"
#include "daemon/sandbox/violations.h"
#include "daemon/wa/certificate.h"
#include "daemon/wa/client_payload.h"

namespace konekwa::sandbox {

class Phone;

struct Network {
  Network(Loop& loop, Random& random, Options options);   // loads what the state directory has
  ~Network();
  Network(const Network&) = delete;

  Loop& loop;
  Random& random;
  const Options options;
  wa::KeyPair root, server_key;
  wa::ServerIdentity identity;
  wa::Key token_secret{};                                 // privacy tokens are derived from it
  std::optional<wa::Version> minimum_version;             // clients below it are told that they are outdated
  std::string newcomers_group;                            // each new account founds a group of this subject; "": none
  Directory directory;
  Groups groups;
  Violations violations;
  RatchetWatch ratchets;
  Faults faults;
  std::function<void(wa::Node&)> tamper;                  // what a hostile server does to a stanza for a client
  MediaServer media;
  Pictures pictures;
  Presence presence;
  StateKeeper keeper;
  std::map<std::string, std::unique_ptr<Phone>> phones;   // by number
  Clients clients;                                        // last: goes first, and refers to all above

  Time now() const { return loop.now(); }
  std::string new_id();                                   // of a stanza of the server's own
  Account& create_account(const std::string& number, const std::string& push_name);
  Phone& phone_of(const Account& account);
  // Puts a stanza into the device's mailbox, and out when it is there.
  void deliver(Device& device, wa::Node stanza);
  void blame(const Party& who, std::string kind, std::string text);
};

}  // namespace konekwa::sandbox
