// libsignal's five stores, answered from a device's own keys and its SignalRecords.
#pragma once

#include <memory>

#include "daemon/wa/signal/signal_records.h"

struct signal_context;
struct signal_protocol_store_context;

namespace konekwa::wa {

class SignalStores {
 public:
  // All three must outlive this object.
  SignalStores(signal_context* context, const DeviceIdentity& device, SignalRecords& records);
  SignalStores(const SignalStores&) = delete;  // libsignal holds a pointer to this object
  SignalStores& operator=(const SignalStores&) = delete;

  signal_protocol_store_context* get() const { return stores_.get(); }

 private:
  struct Free {
    void operator()(signal_protocol_store_context* stores) const;
  };
  const DeviceIdentity& device_;
  SignalRecords& records_;
  std::unique_ptr<signal_protocol_store_context, Free> stores_;

  friend struct SignalStoreCallbacks;
};

// What the rows of one-time prekeys hold: public key || private key.
Bytes encode_prekey_row(const KeyPair& key);
std::optional<KeyPair> decode_prekey_row(ByteView row);

}  // namespace konekwa::wa
