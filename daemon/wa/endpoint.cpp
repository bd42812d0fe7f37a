#include "daemon/wa/endpoint.h"

#include "common/error.h"

namespace konekwa::wa {

Endpoint whatsapp_endpoint() {
  const auto root = from_hex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b");
  Endpoint endpoint;
  endpoint.url = "wss://web.whatsapp.com/ws/chat";
  endpoint.root_key = to_array<32>(*root).value();
  return endpoint;
}

}  // namespace konekwa::wa
