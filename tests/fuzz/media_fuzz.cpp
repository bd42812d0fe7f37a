// What the CDN's hosts and phones say about files: <media_conn>, media retries, the answer to an upload, direct paths.
#include "daemon/wa/media.h"
#include "daemon/wa/node_codec.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

const Bytes kMediaKey(32, 7);
const std::string kHost = "https://mmg.whatsapp.net";

void check_text(const std::string& text) {
  MediaFile file;
  file.direct_path = text;
  const std::string url = download_url(kHost, file);
  KONEKWA_ASSERT(url.empty() != is_direct_path(text));
  KONEKWA_ASSERT(url.empty() || url.starts_with(kHost + text));
  if (const auto uploaded = parse_upload_answer(text)) KONEKWA_ASSERT(is_direct_path(uploaded->direct_path));
  for (const char c : upload_url(kHost, MediaKind::Image, as_bytes(text), text)) KONEKWA_ASSERT(c > ' ' && c < '\x7f');
}

void check_node(const Node& node) {
  if (const auto connection = parse_media_conn(node)) {
    KONEKWA_ASSERT(!connection->hosts.empty() && !connection->auth.empty());
  }
  (void)media_retry_id(node);
  (void)parse_media_retry(node, kMediaKey);
  (void)open_media_retry_receipt(node, kMediaKey);
}

// As a phone would seal it: what the fuzzer cannot do itself.
void check_sealed(const std::string& path) {
  static konekwa::test::SeededRandom random(1);
  const MediaRetryRequest request{"3EB0", Jid::pn("62811"), false, std::nullopt};
  const Jid phone = Jid::pn("628");
  const Node answer = media_retry_notification(request, phone, MediaRetryResult::Success, path, kMediaKey, random);
  KONEKWA_ASSERT(parse_media_retry(answer, kMediaKey).has_value() == is_direct_path(path));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = konekwa::to_string(ByteView(data, size));
  check_text(text);
  check_sealed(text);
  if (const auto node = decode_node({data, size})) check_node(*node);
  return 0;
}
