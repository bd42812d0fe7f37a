#include "cli/suggest.h"

using namespace konekwa::cli;

TEST_CASE("a mistyped word is near to what was meant") {
  const std::vector<std::string> nouns = {"send", "sessions", "messages", "webhooks", "tokens", "tenants", "qr"};
  CHECK(nearest("sesions", nouns) == "sessions");
  CHECK(nearest("session", nouns) == "sessions");
  CHECK(nearest("snd", nouns) == "send");
  CHECK(nearest("sned", nouns) == "send");
  CHECK(nearest("mesages", nouns) == "messages");
  CHECK(nearest("webhoks", nouns) == "webhooks");
  CHECK(nearest("q", nouns) == "qr");
}

TEST_CASE("what is near to nothing gets no suggestion") {
  const std::vector<std::string> nouns = {"send", "sessions", "qr"};
  for (const char* word : {"", "help", "groups", "x", "delete-everything"}) {
    INFO(word);
    CHECK(nearest(word, nouns).empty());
  }
  CHECK(nearest("send", {}).empty());
}
