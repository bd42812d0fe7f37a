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
  CHECK(parse_csv("to,sum\n628,1\n629\n").error().error.message == "row 3 has 1 columns, the first row has 2");
}
