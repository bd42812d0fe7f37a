#include <catch2/catch.hpp>

#include "cli/print.h"

#include <clocale>

#include <nlohmann/json.hpp>

using namespace konekwa;
using namespace konekwa::cli;

TEST_CASE("JSON on a screen drives it no more, and says the same", "[print]") {
  CHECK(escaped("{\"a\":\"halo \xC3\xA9\"}\n") == "{\"a\":\"halo \xC3\xA9\"}\n");
  CHECK(escaped("\"\xC2\x9B" "31m\"") == "\"\\u009b31m\"");             // the one-octet form of ESC [
  CHECK(escaped("\"\x7F\xE2\x80\xAE\"") == "\"\\u007f\\u202e\"");
  CHECK(escaped("\"\xF3\xA0\x81\x81\"") == "\"\\udb40\\udc41\"");       // a tag character, as a pair
  CHECK(escaped("\"\xFF\"") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("what a piece ends with may belong to the next", "[print]") {
  CHECK(unfinished_utf8("") == 0);
  CHECK(unfinished_utf8("abc") == 0);
  CHECK(unfinished_utf8("\xC3\xA9") == 0);
  CHECK(unfinished_utf8("a\xC2") == 1);
  CHECK(unfinished_utf8("a\xE2\x80") == 2);
  CHECK(unfinished_utf8("\xF3\xA0\x81") == 3);
  CHECK(unfinished_utf8("\x80\x80\x80\x80") == 0);
}

TEST_CASE("remote text cannot drive the terminal") {
  CHECK(printable("a\033[2Jb") == "a[2Jb");
  CHECK(printable("a\033]0;title\007b") == "a]0;titleb");
  CHECK(printable("one\ntwo\tthree\r") == "one two three");
  CHECK(printable("c1 \xC2\x9B" "31m") == "c1 31m");                       // the one-octet form of ESC [
  CHECK(printable("abc\xE2\x80\xAE" "cba") == "abccba");                   // right-to-left override
  CHECK(printable("Halo \xF0\x9F\x91\x8B dunia") == "Halo \xF0\x9F\x91\x8B dunia");
}

TEST_CASE("what is not UTF-8 becomes the replacement character") {
  CHECK(printable("a\xFFz") == "a\xEF\xBF\xBDz");
  CHECK(printable("\xC0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD");               // an overlong NUL
  CHECK(printable("\xE2\x82") == "\xEF\xBF\xBD\xEF\xBF\xBD");               // cut off
  CHECK(printable("\xED\xA0\x80").find("\xED") == std::string::npos);       // a surrogate
}

TEST_CASE("widths count columns") {
  REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é") == 1);
  CHECK(display_width("日本") == 4);
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdef", 4) == "abc…");
  CHECK(shortened("日本語", 4) == "日…");
}

TEST_CASE("a text is broken into lines at its blanks, and within what is wider than a line") {
  using Lines = std::vector<std::string>;
  CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrapped("one two three", 3) == Lines{"one", "two", "thr", "ee"});
  CHECK(wrapped("a abcdefgh i", 4) == Lines{"a", "abcd", "efgh", "i"});
  CHECK(wrapped("one two", 0) == Lines{"one two"});
  CHECK(wrapped("", 5) == Lines{""});
  REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
  CHECK(wrapped("日本語", 4) == Lines{"日本", "語"});
  CHECK(wrapped("日", 1) == Lines{"日"});
}

TEST_CASE("a list of fields leaves out what is not known") {
  CHECK(field_list({{"id", "ses_01"}, {"phone", ""}, {"status", "CONNECTED"}}) ==
        "id:      ses_01\n"
        "status:  CONNECTED\n");
}

TEST_CASE("a field of JSON is text, whatever its type") {
  const Json object = Json::parse(R"({"a":"x\u001b[1m","n":12,"b":true,"l":["p","q"],"z":null})");
  CHECK(field(object, "a") == "x[1m");
  CHECK(field(object, "n") == "12");
  CHECK(field(object, "b") == "true");
  CHECK(field(object, "l") == "p, q");
  CHECK(field(object, "z").empty());
  CHECK(field(object, "missing").empty());
  CHECK(field(Json("text"), "a").empty());
}
