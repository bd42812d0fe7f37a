// QR texts: what is read is written in a form that reads the same.
#include "daemon/wa/linking.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto code = wa::parse_qr_text(as_text({data, size}));
  if (!code) return 0;
  const auto again = wa::parse_qr_text(wa::to_qr_text(*code));
  KONEKWA_ASSERT(again && again->ref == code->ref && again->noise_public == code->noise_public);
  KONEKWA_ASSERT(again->identity_public == code->identity_public && again->adv_secret == code->adv_secret);
  return 0;
}
