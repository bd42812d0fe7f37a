#include "daemon/net/page_head.h"

#include <catch2/catch.hpp>

#include "common/utf8.h"
#include "daemon/net/html_text.h"

namespace konekwa::net {
namespace {

PageHead read(std::string_view html, std::string_view type = "text/html; charset=utf-8") {
  return read_page_head(html, type);
}

TEST_CASE("what a page says for previews comes before what it says for browsers") {
  const PageHead head = read(R"(<!DOCTYPE html><html><head><title>Browser</title>
<meta name="description" content="plain"><META PROPERTY='og:title' CONTENT='Toko &amp; Teman'/>
<meta content=short property=og:description><meta property="og:image" content="/p.jpg?a=1&amp;b=2">
</head><body><h1>x</h1></body></html>)");
  CHECK(head.title == "Toko & Teman");
  CHECK(head.description == "short");
  CHECK(head.image == "/p.jpg?a=1&b=2");
}

TEST_CASE("without that, the title and the description are taken") {
  const PageHead head = read("<title>\n Batik\t&lt;baru&gt; </title><meta name=description content='satu\r\ndua'>");
  CHECK(head.title == "Batik <baru>");
  CHECK(head.description == "satu dua");
  CHECK(head.image.empty());
  CHECK(read("<body><svg><title>an icon</title></svg>").title.empty());
  CHECK(read("<title>one</title><title>two</title>").title == "one");
}

TEST_CASE("what only looks like a tag is none") {
  CHECK(read("<!-- <title>no</title> --><title>yes</title>").title == "yes");
  CHECK(read("<script>'<title>no</title>'</script><title>yes</title>").title == "yes");
  CHECK(read("<script>if (a</b) '<title>no</title>'</SCRIPT><title>yes</title>").title == "yes");
  CHECK(read("<style><title>no</title></style><title>yes</title>").title == "yes");
  CHECK(read("<p title='<title>no</title>'><title>yes</title>").title == "yes");
  CHECK(read("a < b <3 <> </ <title>yes</title>").title == "yes");
  CHECK(read("<title>a <b>bold</b> one</title>").title == "a <b>bold</b> one");
}

TEST_CASE("the first of two counts, in tags and in attributes") {
  CHECK(read("<meta property=og:title content=a><meta property=og:title content=b>").title == "a");
  CHECK(read("<meta property=og:title content=a content=b>").title == "a");
}

TEST_CASE("character references are decoded, and what is none stays") {
  CHECK(html_text("&#65;&#x42;&#X43;&eacute;&#8364;&#x1F600;", 99) == "ABC\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  CHECK(html_text("&#146;", 99) == "\xe2\x80\x99");
  for (const char* none : {"&", "&;", "&#;", "&#x;", "&#0;", "&#xd800;", "&#x110000;", "&#99999999999;", "&nosuch;",
                           "&amp", "&#12a;"}) {
    INFO(none);
    CHECK(html_text(none, 99) == none);
  }
  CHECK(html_text("&amp;lt;", 99) == "&lt;");   // once
}

TEST_CASE("control characters and runs of space become one space") {
  CHECK(html_text("  a\x01\x02 b&#10;&#7;c\xc2\x85\xc2\xa0\xc2\xa0""d\x7f", 99) == "a b c d");
}

TEST_CASE("Latin-1 is converted where it is declared, and nothing else is guessed") {
  const std::string_view page = "<title>caf\xe9 \x93x\x94</title>";
  CHECK(read(page, "text/html; charset=ISO-8859-1").title == "caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80\x9d");
  for (const char* meta : {"<meta charset=windows-1252>",
                           "<meta http-equiv=content-type content='text/html; charset=latin1'>"}) {
    CHECK(read(meta + std::string(page), "text/html").title == "caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80\x9d");
  }
  CHECK(read(page, "text/html; charset=shift_jis").title.empty());
  CHECK(read(page).title.empty());
  CHECK(read("<title>caf\xc3\xa9</title>", "text/html; charset=latin1").title == "caf\xc3\xa9");   // it lies
}

TEST_CASE("lengths are capped between characters") {
  std::string page = "<title>a";
  for (int i = 0; i < 20'000; ++i) page += "\xe2\x82\xac";
  const PageHead head = read(page + "</title>");
  CHECK(head.title.size() <= kPageTitleOctetsMax);
  CHECK(head.title.size() > kPageTitleOctetsMax - 4);
  CHECK(is_utf8(head.title));
  CHECK(read("<meta property=og:image content='" + std::string(5000, 'a') + "'>").image.empty());
}

TEST_CASE("hostile pages end, and soon") {
  const std::size_t size = 512 * 1024;
  const auto repeat = [&](std::string_view piece) {
    std::string out;
    while (out.size() < size) out += piece;
    return out;
  };
  for (const char* piece :
       {"<", "<a", "<a ", "<a b=", "<a b='", "<!--", "</", "</script", "<script>", "<script></", "<title></",
        "<meta content=", "<a =", "&#", "<meta property=og:title content='&'>", "\xff", "< /"}) {
    INFO(piece);
    const PageHead head = read(repeat(piece));
    CHECK(head.title.size() <= kPageTitleOctetsMax);
  }
  CHECK(read("").title.empty());
  CHECK(read(std::string_view("<title>a\0b</title>", 18)).title == "a b");
  CHECK(read("<title>never ends").title == "never ends");
}

TEST_CASE("only HTML is a page") {
  CHECK(is_html("text/html"));
  CHECK(is_html("Text/HTML ; charset=utf-8"));
  for (const char* other : {"", ";", "text/plain", "application/json", "text/htmlx", "image/png"}) {
    CHECK_FALSE(is_html(other));
  }
}

}  // namespace
}  // namespace konekwa::net
