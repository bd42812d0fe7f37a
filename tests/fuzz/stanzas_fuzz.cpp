// Every parser and answer of stanzas, on whatever node the input decodes to.
#include "daemon/wa/device_list.h"
#include "daemon/wa/node_codec.h"
#include "daemon/wa/stanzas.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

const Time kNow = from_unix_seconds(1700000000);

void parse_all(const Node& node) {
  (void)parse_prekey_count(node);
  (void)parse_prekey_fetch(node);
  (void)parse_digest(node);
  (void)parse_prekey_node(node);
  (void)parse_bundle(node, node);
  (void)parse_devices_usync(node);
  (void)parse_devices_notification(node);
  (void)parse_receipt(node, kNow);
  (void)parse_retry_receipt(node);
  (void)parse_message_info(node);
}

void answer_all(const Node& node) {
  static konekwa::test::SeededRandom random(1);
  static const DeviceIdentity device = generate_device_identity(random);
  static const RetryKeys keys{{1, generate_key_pair(random)}, Bytes(8)};
  for (const Node& answer :
       {iq_result(node), iq_error(node, 500, "internal-error"), ack_of(node, 500),
        delivery_receipt(node, ReceiptKind::HistorySync), retry_receipt(node, 2, device, keys)}) {
    (void)encode_node(answer);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = decode_node({data, size});
  if (!node) return 0;
  parse_all(*node);
  answer_all(*node);
  return 0;
}
