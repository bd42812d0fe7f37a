#include "common/language.h"

using namespace konekwa;

TEST_CASE("Indonesian is for whoever prefers it to English") {
  for (const char* header : {"id", "id-ID", "ID", "id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "en;q=0.5, id;q=0.6",
                             "de, id;q=0.1", "id, en", "id , *;q=0.5", "en;q=0, id;q=0.001", "*;q=0.1,id;q=0.2"}) {
    INFO(header);
    CHECK(language_of_header(header) == Language::Indonesian);
  }
}

TEST_CASE("English is for all others, and for what is no header") {
  for (const char* header : {"", "en", "de", "*", "en, id", "en;q=0.5,id;q=0.5", "id;q=0", "idx", "i", "id_ID",
                             "*, id;q=0.9", "id;q=2", "id;q=", "id;q=0.1234", "id;x", "id;q=0,5", ",,,", ";",
                             "id;q=1.001"}) {
    INFO(header);
    CHECK(language_of_header(header) == Language::English);
  }
}

TEST_CASE("the language of a locale is what stands before its country and its coding") {
  for (const char* name : {"id", "id_ID", "id_ID.UTF-8", "id.UTF-8", "id@x"}) {
    INFO(name);
    CHECK(language_of_locale(name) == Language::Indonesian);
  }
  for (const char* name : {"", "C", "C.UTF-8", "en_US.UTF-8", "POSIX", "ido_XX", "."}) {
    INFO(name);
    CHECK(language_of_locale(name) == Language::English);
  }
}

TEST_CASE("an error is told in Indonesian when its words are known") {
  CHECK(in_indonesian("SESSION_NOT_FOUND", "there is no such session") == "sesi tidak ditemukan");
  CHECK(in_indonesian("INVALID_REQUEST", "The request body is missing required fields") ==
        "body permintaan tidak memuat field yang wajib");
  CHECK_FALSE(in_indonesian("SESSION_NOT_FOUND", "there is no such message"));
  CHECK_FALSE(in_indonesian("LATER_CODE", "something that this version does not know"));
}
