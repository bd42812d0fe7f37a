// The public Signal keys that the server holds of one device, and what became of its one-time prekeys: each is handed
// out once, and a pkmsg must name one that was handed to its sender.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "daemon/wa/node.h"
#include "daemon/wa/prekeys.h"

namespace konekwa::sandbox {

struct KeyStock {
  struct OneTime {
    std::uint32_t id = 0;
    wa::Key key{};
  };
  struct Issued {
    wa::Jid to;            // device, by LID
    Bytes base_key;        // of the first pkmsg that used it; empty until then
  };

  std::uint32_t registration_id = 0;
  wa::Key identity{};
  wa::SignedPreKey signed_prekey;              // without its private half
  std::set<std::uint32_t> signed_prekey_ids;   // all that were ever published: old bundles stay good for a while
  std::deque<OneTime> prekeys;                 // not handed out, in order of upload
  std::map<std::uint32_t, Issued> issued;

  void publish(const wa::SignedPreKey& prekey);
  // What is wrong with publishing this one; "" when nothing is. A key that is held already is no problem.
  std::string add(const OneTime& prekey);
  // A bundle for `requester` (a device, by LID); it costs a one-time prekey when there is one.
  wa::PreKeyBundle take_bundle(const wa::Jid& requester);
  // A client told `requester` a key of its own in a retry receipt.
  std::string hand_out(const OneTime& prekey, const wa::Jid& requester);
  // What is wrong with a pkmsg of `sender` that names this prekey; "" when nothing is.
  std::string use(std::uint32_t prekey_id, const wa::Jid& sender, ByteView base_key);
};

// Children of <user> in the answer to a prekey fetch.
void add_bundle(wa::Node& to, const wa::PreKeyBundle& bundle);

}  // namespace konekwa::sandbox
