// A page of a stranger, and a text with links: what is read of them is bounded UTF-8 of one line, and a link is part of
// its text.
// links: konekwa_net
#include <algorithm>
#include <cstdint>
#include <string>

#include "common/error.h"
#include "common/utf8.h"
#include "daemon/net/link_in_text.h"
#include "daemon/net/page_head.h"
#include "daemon/net/web_url.h"

using namespace konekwa;

namespace {

void check(const std::string& text, std::size_t octets_max) {
  KONEKWA_ASSERT(text.size() <= octets_max && is_utf8(text));
  KONEKWA_ASSERT(std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  for (const char* type : {"text/html", "text/html; charset=latin1"}) {
    const net::PageHead head = net::read_page_head(page, type);
    check(head.title, net::kPageTitleOctetsMax);
    check(head.description, net::kPageDescriptionOctetsMax);
    check(head.image, net::kUrlOctetsMax);
    net::resolve_url("https://toko.example/a/b", head.image);
  }
  const std::string link = net::first_link(page);
  KONEKWA_ASSERT(page.find(link) != std::string_view::npos);
  return 0;
}
