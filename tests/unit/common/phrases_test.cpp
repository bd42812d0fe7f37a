#include "common/phrases.h"

using namespace konekwa;

namespace {

constexpr Phrase kTable[] = {
    {"there is no room", "penuh"},
    {"row {} of {} is wrong", "dari {} baris, yang ke-{} salah"},
    {"field '{}' {*}", "isian '{}' {*}"},
    {"is empty", "kosong"},
    {"{} bytes", "{} byte"},
    {"{} to {}", "{} sampai {}"},
};

std::optional<std::string> told(std::string_view text) { return in_other_words(kTable, text); }

}  // namespace

TEST_CASE("a sentence is told in other words, its values in their order") {
  CHECK(told("there is no room") == "penuh");
  CHECK(told("row 3 of 7 is wrong") == "dari 3 baris, yang ke-7 salah");
  CHECK(told("17 bytes") == "17 byte");
  CHECK(told(" bytes") == " byte");
}

TEST_CASE("what no phrase fits is not told at all") {
  for (const char* text : {"", "there is no room here", "row 3 of 7 is wrong!", "row 3 is wrong", "is empty field",
                           "byte"}) {
    INFO(text);
    CHECK_FALSE(told(text));
  }
}

TEST_CASE("a value is told too where the phrase says so, and only there") {
  CHECK(told("field 'is empty' is empty") == "isian 'is empty' kosong");
  CHECK(told("field 'x' is something else") == "isian 'x' is something else");
}

TEST_CASE("values are as short as they can be, the last one as long as is left") {
  CHECK(told("1 to 2 to 3") == "1 sampai 2 to 3");
  CHECK(told("1 bytes bytes") == "1 bytes byte");
}

TEST_CASE("phrases within phrases come to an end") {
  std::string text = "is empty";
  for (int i = 0; i < 100; ++i) text.insert(0, "field 'x' ");
  const auto out = told(text);
  REQUIRE(out);
  CHECK(out->find("isian 'x' isian 'x' ") == 0);
  CHECK(out->find("field 'x' field 'x' ") != std::string::npos);
}
