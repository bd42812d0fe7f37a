// Text to an address: what parses prints, and parses to the same again.
#include "common/bytes.h"
#include "common/error.h"
#include "daemon/wa/jid.h"
#include "daemon/wa/io/websocket_url.h"

using namespace konekwa;
using namespace konekwa::wa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  if (const auto jid = Jid::parse(text)) KONEKWA_ASSERT(Jid::parse(to_string(*jid)) == jid);
  io::parse_websocket_url(text).has_value();
  return 0;
}
