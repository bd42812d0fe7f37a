// What a client says of itself, and its version.
#include "daemon/wa/client_payload.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)wa::parse_client_payload({data, size});
  const auto version = wa::Version::parse(as_text({data, size}));
  if (version) KONEKWA_ASSERT(wa::Version::parse(to_string(*version)) == version);
  return 0;
}
