// Sender keys: what lets a device encrypt a group message once for everybody.
//
// Each device of a group has a chain of its own in it, and tells the others by a distribution message that it sends
// them one by one. A key is rotated by forgetting it: the next distribution makes another.
//
// Part of SignalState, which says where rows are kept and what a failed operation leaves behind (nothing).
#pragma once

#include <string>

#include "common/bytes.h"
#include "common/error.h"
#include "daemon/wa/jid.h"

struct signal_context;
struct signal_protocol_store_context;

namespace konekwa::wa {

class SignalRecords;

// The key of SenderKey rows: "120363...@g.us::1234_1.5". Only our own naming; nothing of it goes on the wire.
std::string sender_key_name(const Jid& group, const Jid& device);

class SenderKeys {
 public:
  // All three must outlive this object.
  SenderKeys(signal_context* context, signal_protocol_store_context* stores, SignalRecords& records)
      : context_(context), stores_(stores), records_(records) {}

  bool has(const Jid& group, const Jid& device) const;       // and it is not damaged
  void forget(const Jid& group, const Jid& device);

  // Of our own key in the group, which is made when there is none. `self` is our device.
  Result<Bytes> distribution(const Jid& group, const Jid& self);
  // What another device of the group sent. One that repeats a known key changes nothing: the known chain can still
  // open what was sent before. PROTOCOL when it is damaged.
  Result<> accept(const Jid& group, const Jid& sender, ByteView distribution);

  Result<Bytes> encrypt(const Jid& group, const Jid& self, ByteView padded);    // NO_SESSION: no distribution() yet
  // DUPLICATE: the key was used already. NO_SESSION: its distribution has not come. PROTOCOL: damaged, not signed by
  // the owner of the key, or more than 2000 messages ahead.
  Result<Bytes> decrypt(const Jid& group, const Jid& sender, ByteView ciphertext);

 private:
  void forget_damaged(const Jid& group, const Jid& device);

  signal_context* context_;
  signal_protocol_store_context* stores_;
  SignalRecords& records_;
};

}  // namespace konekwa::wa
