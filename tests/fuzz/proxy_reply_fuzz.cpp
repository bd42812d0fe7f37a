// Octets of a proxy: neither dialogue reads past its end, and how it ends does not depend on how they were cut. The URL
// of a proxy: what is read is masked without its password.
#include <algorithm>
#include <optional>

#include "daemon/wa/io/proxy_dialogue.h"

using namespace konekwa;

namespace {

// How many octets belong to the dialogue, of one that opens the tunnel.
std::optional<std::size_t> opened_after(const ProxyUrl& proxy, ByteView answer, std::size_t piece) {
  const auto dialogue = wa::io::make_proxy_dialogue(proxy, "web.whatsapp.com", "443");
  KONEKWA_ASSERT(dialogue && !(*dialogue)->opening().empty());
  std::size_t taken = 0;
  while ((*dialogue)->octets_wanted() != 0) {
    const std::size_t size = std::min({(*dialogue)->octets_wanted(), answer.size() - taken, piece});
    if (size == 0) return std::nullopt;
    if (!(*dialogue)->take(answer.subspan(taken, size))) return std::nullopt;
    taken += size;
    KONEKWA_ASSERT(taken <= wa::io::ProxyDialogue::kAnswerOctetsMax);
  }
  return taken;
}

void read_url(std::string_view text) {
  const auto url = parse_proxy_url(text);
  const auto masked = masked_proxy_url(text);
  if (!url) {
    KONEKWA_ASSERT(masked == (text.empty() ? "" : "***"));
    return;
  }
  const auto again = parse_proxy_url(masked);
  KONEKWA_ASSERT(again && again->kind == url->kind && again->host == url->host && again->port == url->port);
  KONEKWA_ASSERT(again->user == url->user && again->password == (url->password.empty() ? "" : "***"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView answer(data, size);
  for (const auto kind : {ProxyUrl::Kind::Http, ProxyUrl::Kind::Socks5}) {
    for (const char* user : {"", "user"}) {
      const ProxyUrl proxy{kind, "proxy", 1080, user, *user ? "password" : ""};
      KONEKWA_ASSERT(opened_after(proxy, answer, size) == opened_after(proxy, answer, 1));
    }
  }
  read_url(as_text(answer));
  return 0;
}
