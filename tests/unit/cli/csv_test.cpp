#include <catch2/catch.hpp>

#include "cli/csv.h"

using namespace konekwa;
using namespace konekwa::cli;

TEST_CASE("a table is read as spreadsheets write it") {
  const auto table = parse_csv("\xEF\xBB\xBFNama,Nomor\r\n\"Ani, \"\"Toko\"\"\",628\r\n\r\n\"dua\nbaris\",629");
  REQUIRE(table);
  CHECK(table->names == std::vector<std::string>{"Nama", "Nomor"});
  REQUIRE(table->rows.size() == 2);
  CHECK(table->rows[0].number == 2);
  CHECK(table->rows[0].cells == std::vector<std::string>{"Ani, \"Toko\"", "628"});
  CHECK(table->rows[1].number == 4);
  CHECK(table->rows[1].cells.front() == "dua\nbaris");
  CHECK(table->column("nomor") == 1u);
  CHECK(!table->column("to"));
}

TEST_CASE("semicolons and tabs part columns too, and commas may then stand in a cell") {
  for (const char* text : {"to;sum\n628;1,5\n", "to\tsum\n628\t1,5\n"}) {
    const auto table = parse_csv(text);
    REQUIRE(table);
    CHECK(table->rows.front().cells == std::vector<std::string>{"628", "1,5"});
  }
}

TEST_CASE("a table that is not whole says which row") {
  for (const char* text :
       {"", "\n\n", "to,sum\n", "to,sum\n628\n", "to,sum\n628,1,2\n", "to\n\"628\n", "to\n\"6\"28\n"}) {
    CHECK(!parse_csv(text));
  }
  CHECK(parse_csv("to,sum\n628,1\n629\n").error().error.message == "line 3 has 1 columns, the first row has 2");
}

TEST_CASE("around names blanks and a byte order mark count for nothing") {
  const std::string mark = "\xEF\xBB\xBF";
  for (const std::string& head : std::vector<std::string>{
           mark + " Nama ,\tto\xC2\xA0", mark + mark + "Nama,to", mark + "\"Nama\", \"to\" ", " \" Nama\" ,to"}) {
    INFO(head);
    const auto table = parse_csv(head + "\r\n Ani , \"628\r\n");
    REQUIRE(table);
    CHECK(table->names == std::vector<std::string>{"Nama", "to"});
    CHECK(table->rows.front().cells == std::vector<std::string>{" Ani ", " \"628"});   // values stay what they are
  }
}

TEST_CASE("a line is one of the file, and a row one of the table") {
  const auto table = parse_csv("\"to\",\"text\nof\"\r\n1,\"a\r\nb\rc\"\r\n\r\n2,d\r\n");
  REQUIRE(table);
  REQUIRE(table->rows.size() == 2);
  CHECK(table->rows[0].number == 2);
  CHECK(table->rows[0].line == 3);
  CHECK(table->rows[1].number == 4);
  CHECK(table->rows[1].line == 7);
  CHECK(parse_csv("to,text\n1,\"a\nb\"\n2\n").error().error.message == "line 4 has 1 columns, the first row has 2");
  CHECK(parse_csv("to,text\n1,\"a\nb\"\n2,\"c\n\nd\n").error().error.message ==
        "line 4: a quotation mark is not where it may be");
}
