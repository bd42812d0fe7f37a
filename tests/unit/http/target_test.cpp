#include "daemon/http/target.h"

using namespace konekwa::http;
using Strings = std::vector<std::string>;

TEST_CASE("a target is split before it is decoded") {
  const auto target = parse_target("/v1/sessions/a%2Fb/x%20y?direction=sent&note=a%26b+c&flag&=v");
  REQUIRE(target);
  CHECK(target->segments == Strings{"v1", "sessions", "a/b", "x y"});
  CHECK(find_parameter(target->query, "direction") == "sent");
  CHECK(find_parameter(target->query, "note") == "a&b c");
  CHECK(find_parameter(target->query, "flag") == "");
  CHECK_FALSE(find_parameter(target->query, "other"));
}

TEST_CASE("a slash at the end, or two in a row, make another path") {
  CHECK(parse_target("/")->segments == Strings{});
  CHECK(parse_target("/v1")->segments == Strings{"v1"});
  CHECK(parse_target("/v1/")->segments == Strings{"v1", ""});
  CHECK(parse_target("/v1//x")->segments == Strings{"v1", "", "x"});
  CHECK(parse_target("/..%2f")->segments == Strings{"../"});
}

TEST_CASE("broken encodings, control characters and what is not UTF-8 are refused") {
  for (const char* text : {"/%", "/%4", "/%zz", "/%00", "/a%0d%0a", "/%ff", "/a?x=%c0%80", "/?%1f=1", "x", ""}) {
    INFO(text);
    CHECK_FALSE(parse_target(text));
  }
  CHECK(parse_target("/%C3%A4")->segments == Strings{"\xc3\xa4"});
}
