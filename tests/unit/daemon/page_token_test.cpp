#include "daemon/gateway/page_token.h"

using namespace konekwa;

TEST_CASE("a page token comes back as the sequence it was made of") {
  const std::string token = make_page_token(1234, "filters");
  CHECK(token.find_first_of("+/=") == std::string::npos);
  CHECK(read_page_token(token, "filters") == 1234);
}

TEST_CASE("a token of other filters, or of nobody, is refused") {
  const std::string token = make_page_token(1234, "filters");
  std::string broken = token;
  broken[0] = broken[0] == 'A' ? 'B' : 'A';
  CHECK(read_page_token(token, "others").error().code == ErrorCode::INVALID_PAGE_TOKEN);
  for (const std::string& text : {std::string("eyJwYWdlIjoy"), std::string("!"), broken, token + "AAAA"}) {
    CHECK(read_page_token(text, "filters").error().code == ErrorCode::INVALID_PAGE_TOKEN);
  }
  CHECK_FALSE(read_page_token(make_page_token(-1, "filters"), "filters"));
}

TEST_CASE("a page has 20 items, at most 100, and at least one") {
  CHECK(parse_page_size("") == 20);
  CHECK(parse_page_size("1") == 1);
  CHECK(parse_page_size("100") == 100);
  CHECK(parse_page_size("101") == 100);
  CHECK(parse_page_size("99999999999999999999999") == 100);
  for (const char* text : {"0", "-1", "-99999999999999999999999", "ten", "1.5", "10 ", "+5"}) {
    INFO(text);
    CHECK_FALSE(parse_page_size(text));
  }
}
