#include "daemon/http/disposition.h"

#include <catch2/catch.hpp>

using namespace konekwa::http;

TEST_CASE("the name of a file is read from Content-Disposition", "[disposition]") {
  CHECK(filename_of("attachment; filename=\"cat.jpg\"") == "cat.jpg");
  CHECK(filename_of("attachment; filename=cat.jpg") == "cat.jpg");
  CHECK(filename_of("inline; FileName = \"a;b \\\"c\\\".jpg\" ; x=y") == "a;b \"c\".jpg");
  CHECK(filename_of("attachment; filename=\"cat.jpg\"; filename*=UTF-8''k%C3%B6ter.jpg") == "k\xc3\xb6ter.jpg");
  CHECK(filename_of("attachment; filename=\"C:\\fakepath\\cat.jpg\"") == "cat.jpg");
  CHECK(filename_of("attachment; filename=\"../../etc/passwd\"") == "passwd");
}

TEST_CASE("a broken Content-Disposition names nothing", "[disposition]") {
  for (const char* value : {"", "attachment", "attachment; filename", "attachment; filename=", "x; filename*=utf-8",
                            "x; filename*=latin-1''a", "x; filename=\"\xff\"", "filename=a", "x; filename*=UTF-8''%"}) {
    const std::string name = filename_of(value);
    CHECK((name.empty() || name == "%"));
  }
  CHECK(filename_of("x; filename=\"open") == "\"open");
}

TEST_CASE("a name goes into Content-Disposition in two forms, and breaks no header", "[disposition]") {
  CHECK(attachment("") == "attachment");
  CHECK(attachment("cat (1).jpg") == "attachment; filename=\"cat (1).jpg\"");
  CHECK(attachment("k\xc3\xb6ter.jpg") == "attachment; filename=\"k__ter.jpg\"; filename*=UTF-8''k%C3%B6ter.jpg");
  CHECK(attachment("a\r\nX: y\".jpg") ==
        "attachment; filename=\"a__X_ y_.jpg\"; filename*=UTF-8''a%0D%0AX%3A%20y%22.jpg");
  CHECK(attachment("\xff.jpg") == "attachment; filename=\"_.jpg\"");
}

TEST_CASE("a name that goes there and back is the same", "[disposition]") {
  for (const char* name : {"cat.jpg", "k\xc3\xb6ter.jpg", "a;b'c\"d%41.pdf", "100%.txt"}) {
    CHECK(filename_of(attachment(name)) == name);
  }
}
