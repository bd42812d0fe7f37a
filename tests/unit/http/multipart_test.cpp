#include "daemon/http/multipart.h"

#include <catch2/catch.hpp>

namespace konekwa::http {
namespace {

constexpr const char* kForm =
    "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"
    "--b\r\nContent-Type: image/jpeg\r\n"
    "content-disposition: form-data; name=\"file\"; filename=\"C:\\\\x\\\\a.jpg\"\r\n\r\n"
    "one\r\n--\r\n--a\r\n\r\n--b\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n--b--\r\nepilogue";

// Part by part: "name|filename|type|content".
Result<std::vector<std::string>> read(std::string_view body, std::size_t piece, bool* is_complete = nullptr) {
  Multipart form("b");
  std::vector<std::string> out;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    auto events = form.take(body.substr(at, piece));
    if (!events) return fail(events.error());
    for (const Multipart::Event& event : *events) {
      const Multipart::Part& part = event.part;
      if (event.begins) out.push_back(part.name + "|" + part.filename + "|" + part.content_type + "|");
      out.back() += event.octets;
    }
  }
  if (is_complete) *is_complete = form.is_complete();
  return out;
}

TEST_CASE("a form is read the same however it is cut") {
  for (std::size_t piece = 1; piece < 300; ++piece) {
    INFO(piece);
    bool is_complete = false;
    const auto parts = read(kForm, piece, &is_complete);
    REQUIRE(parts);
    CHECK(is_complete);
    CHECK((*parts)[0] == "note|||hello");
    CHECK((*parts)[1] == "file|a.jpg|image/jpeg|one\r\n--\r\n--a\r\n");
    CHECK((*parts)[2] == "empty|||");
  }
}

TEST_CASE("a form that is cut off is not complete") {
  const std::string_view whole(kForm);
  const std::size_t end = whole.find("--b--") + 5;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    bool is_complete = false;
    REQUIRE(read(whole.substr(0, size), 7, &is_complete));
    CHECK(is_complete == (size >= end));
  }
}

TEST_CASE("what is no form is refused") {
  const std::string part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
  for (const std::string& body :
       {std::string("x"), std::string("preamble\r\n--b\r\n"), std::string("--bx\r\n\r\n"), std::string("--b\r\n\r\nx"),
        std::string("--b\r\nContent-Type: a/b\r\n\r\nx"), std::string("--b\r\nno header\r\n\r\n"),
        std::string("--b\r\nContent-Disposition: attachment; name=a\r\n\r\n"), part + "--bxy", part + "--b \r\n",
        std::string("--b\r\nContent-Disposition: form-data; name=a\nb: c\r\n\r\n"),
        "--b\r\nX: " + std::string(kFormHeadersMax, 'x')}) {
    INFO(body.substr(0, 80));
    CHECK_FALSE(read(body, 5));
  }
  std::string many;
  for (std::size_t i = 0; i <= kFormPartsMax; ++i) many += part;
  CHECK_FALSE(read(many, 100));
}

TEST_CASE("the boundary stands in the Content-Type") {
  CHECK(*boundary_of("multipart/form-data; boundary=----WebKitFormBoundaryAbC") == "----WebKitFormBoundaryAbC");
  CHECK(*boundary_of("multipart/form-data; charset=utf-8; Boundary=\"a b\"") == "a b");
  for (const char* none : {"multipart/form-data", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a{b"}) {
    INFO(none);
    CHECK_FALSE(boundary_of(none));
  }
  CHECK_FALSE(boundary_of("multipart/form-data; boundary=" + std::string(71, 'a')));
}

}  // namespace
}  // namespace konekwa::http
