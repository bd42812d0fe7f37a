#include "daemon/net/link_in_text.h"

#include <catch2/catch.hpp>

#include "daemon/net/web_url.h"

namespace konekwa::net {
namespace {

TEST_CASE("the first link of a text is found as it stands there") {
  struct Case {
    const char *text, *link;
  };
  const Case cases[] = {
      {"see https://toko.example/a?b=c#d now", "https://toko.example/a?b=c#d"},
      {"https://toko.example", "https://toko.example"},
      {"HTTPS://Toko.Example/X", "HTTPS://Toko.Example/X"},
      {"http://a.example and https://b.example", "http://a.example"},
      {"Klik https://toko.example/promo.", "https://toko.example/promo"},
      {"(https://id.wikipedia.org/wiki/Batik_(kain)).", "https://id.wikipedia.org/wiki/Batik_(kain)"},
      {"<https://toko.example/a>", "https://toko.example/a"},
      {"*https://toko.example/a*!?", "https://toko.example/a"},
      {"line\nhttps://toko.example/p\xc3\xa4th\nline", "https://toko.example/p\xc3\xa4th"},
      {"ftp://a.example then https://b.example/", "https://b.example/"},
      {"http:// then https://b.example/", "https://b.example/"},
      {"no link: toko.example", ""},
      {"xhttps://toko.example", ""},
      {"javascript://toko.example", ""},
      {"https://%31.example/", ""},
      {"://", ""},
      {"", ""},
  };
  for (const Case& each : cases) {
    INFO(each.text);
    CHECK(first_link(each.text) == each.link);
  }
  CHECK(first_link("https://a.example/" + std::string(kUrlOctetsMax, 'a')).empty());
}

TEST_CASE("a link in a page is resolved against the page, and must be one that we would try") {
  const std::string page = "https://toko.example/shop/item?id=1";
  CHECK(resolve_url(page, "pic.jpg") == "https://toko.example/shop/pic.jpg");
  CHECK(resolve_url(page, "/pic.jpg") == "https://toko.example/pic.jpg");
  CHECK(resolve_url(page, "//cdn.example/pic.jpg") == "https://cdn.example/pic.jpg");
  CHECK(resolve_url(page, "http://cdn.example/a?b") == "http://cdn.example/a?b");
  for (const char* bad :
       {"", "file:///etc/passwd", "data:image/png;base64,AAAA", "a b.jpg", "\\\\host\\x", "gopher://x/"}) {
    INFO(bad);
    CHECK(resolve_url(page, bad).empty());
  }
  CHECK(resolve_url("not a URL", "/pic.jpg").empty());
}

}  // namespace
}  // namespace konekwa::net
