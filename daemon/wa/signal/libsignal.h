// What the sources of this folder share in dealing with libsignal: ownership, copies and error codes.
// Included by .cpp files only, because it brings libsignal's headers along.
#pragma once

#include <memory>
#include <string>

#include <signal/group_cipher.h>
#include <signal/group_session_builder.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>
#include <signal/signal_protocol.h>

#include "common/bytes.h"
#include "common/error.h"
#include "daemon/wa/jid.h"

namespace konekwa::wa::libsignal {

struct Free {
  void operator()(signal_context* p) const { signal_context_destroy(p); }
  void operator()(session_builder* p) const { session_builder_free(p); }
  void operator()(session_cipher* p) const { session_cipher_free(p); }
  void operator()(group_session_builder* p) const { group_session_builder_free(p); }
  void operator()(group_cipher* p) const { group_cipher_free(p); }
  void operator()(signal_buffer* p) const { signal_buffer_bzero_free(p); }
};
struct Unref {
  template <class T>
  void operator()(T* p) const {
    SIGNAL_UNREF(p);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
template <class T>
using Counted = std::unique_ptr<T, Unref>;

Bytes copy(const signal_buffer* buffer);
Error error_of(int result);   // of a failed call

// A signal_protocol_address and the text that it points to.
class Address {
 public:
  explicit Address(const Jid& device);
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;
  const signal_protocol_address* get() const { return &address_; }

 private:
  std::string name_;
  signal_protocol_address address_;
};

}  // namespace konekwa::wa::libsignal
