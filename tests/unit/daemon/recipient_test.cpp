#include "daemon/gateway/recipient.h"

using namespace konekwa;

TEST_CASE("a number is one number, however it is written") {
  for (const char* text : {"6281234567890", "+6281234567890", "+62 812-3456-7890", "081234567890", "0812 3456 7890",
                           "(0812) 3456.7890", "006281234567890", " 6281234567890 ", "6281234567890@s.whatsapp.net",
                           "6281234567890@c.us"}) {
    INFO(text);
    const auto recipient = parse_recipient(text, "62");
    REQUIRE(recipient);
    CHECK(recipient->text == "6281234567890");
    CHECK(recipient->chat_id == "6281234567890@s.whatsapp.net");
  }
}

TEST_CASE("a leading 0 stands for the default country") {
  CHECK(parse_recipient("0171 2345678", "49")->text == "491712345678");
}

TEST_CASE("a lid stays a lid") {
  const auto recipient = parse_recipient("123456789012345@lid", "62");
  REQUIRE(recipient);
  CHECK(recipient->text == "123456789012345@lid");
  CHECK(recipient->chat_id == "123456789012345@lid");
}

TEST_CASE("what is no recipient is refused") {
  for (const char* text : {"", "+", "pelanggan", "62812abc7890", "1234567", "1234567890123456", "+0812345678", "00",
                           "@s.whatsapp.net", "6281234567890:2@s.whatsapp.net", "0812@s.whatsapp.net", "a@lid", "@lid",
                           "status@broadcast", "123@newsletter", "6281234567890@",
                           "6281234567890@s.whatsapp.net@lid"}) {
    INFO(text);
    const auto recipient = parse_recipient(text, "62");
    REQUIRE_FALSE(recipient);
    CHECK(recipient.error().code == ErrorCode::INVALID_RECIPIENT);
  }
}

TEST_CASE("a group is taken by its id") {
  CHECK(parse_recipient("120363000000000000@g.us", "62")->text == "120363000000000000@g.us");
  CHECK(parse_recipient("6281234567890-1600000000@g.us", "62")->chat_id == "6281234567890-1600000000@g.us");
  for (const char* wrong : {"@g.us", "a@g.us", "1-@g.us", "-1@g.us", "1-2-3@g.us"}) {
    CHECK(parse_recipient(wrong, "62").error().code == ErrorCode::INVALID_RECIPIENT);
  }
}
