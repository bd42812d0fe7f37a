#include "daemon/wa/jid.h"

#include <catch2/catch.hpp>

using namespace konekwa::wa;

TEST_CASE("addresses read back from their text") {
  for (const char* text : {"6281234567890@s.whatsapp.net", "6281234567890:12@s.whatsapp.net", "100000012345678@lid",
                           "100000012345678:65535@lid", "120363021033254949@g.us", "628123-1400000000@g.us",
                           "status@broadcast", "s.whatsapp.net", "g.us", "1@newsletter", "1:3@hosted", "1@hosted.lid",
                           "1@bot", "1@msgr", "1@interop", "1@c.us"}) {
    INFO(text);
    const auto jid = Jid::parse(text);
    REQUIRE(jid);
    CHECK(to_string(*jid) == text);
  }
}

TEST_CASE("the parts of an address") {
  CHECK(Jid::parse("123:4@lid") == Jid::lid("123", 4));
  CHECK(Jid::parse("123@s.whatsapp.net") == Jid::pn("123"));
  CHECK(Jid::parse("123:0@s.whatsapp.net") == Jid::pn("123"));
  CHECK(Jid::parse("s.whatsapp.net") == Jid::of_server());
  CHECK(to_string(Jid::pn("123", 0)) == "123@s.whatsapp.net");
}

TEST_CASE("anything else is no address") {
  for (const char* text : {"", "@", "123", "@s.whatsapp.net", "123@", "123@example.com", "123@S.WHATSAPP.NET",
                           "1@2@lid",
                           "123:@lid", "123:-1@lid", "123:+1@lid", "123:65536@lid", "123:01@lid", "123:1:2@lid",
                           "123:1x@lid", ":1@lid", "1 2@lid", "1\n@lid", "\xc3\xa9@lid", "123@lid "}) {
    INFO(text);
    CHECK_FALSE(Jid::parse(text));
  }
}
