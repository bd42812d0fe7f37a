#include <catch2/catch.hpp>

#include "cli/table.h"

#include <clocale>

using namespace konekwa::cli;

namespace {

Table three_columns(Table::Last last = Table::Last::Cut) {
  Table table({"ID", "NAME", "TEXT"}, last);
  table.add({"msg_1", "toko", "a text that is long at its end"});
  table.add({"msg_22", "x", ""});
  return table;
}

}  // namespace

TEST_CASE("a table aligns its columns and cuts only the last one") {
  REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
  Table table({"ID", "NAME", "TEXT"});
  table.add({"1", "日本", "a text that is long at its end"});
  table.add({"22", "x", ""});
  CHECK(table.text() == "ID  NAME  TEXT\n"
                        "1   日本  a text that is long at its end\n"
                        "22  x     \n");
  CHECK(table.text({34}) == "ID  NAME  TEXT\n"
                            "1   日本  a text that is long at …\n"
                            "22  x     \n");
}

TEST_CASE("columns that a line has no room for stand below it") {
  REQUIRE(std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr);
  CHECK(three_columns().text({32}) == "ID      NAME\n"
                                      "    TEXT\n"
                                      "msg_1   toko\n"
                                      "    a text that is long at its …\n"
                                      "msg_22  x\n");
  CHECK(three_columns().text({10}) == "ID\n"
                                      "    NAME\n"
                                      "    TEXT\n"
                                      "msg_1\n"
                                      "    toko\n"
                                      "    a tex…\n"
                                      "msg_22\n"
                                      "    x\n");
}

TEST_CASE("a last cell of sentences goes on below itself") {
  CHECK(three_columns(Table::Last::Wrapped).text({40}) == "ID      NAME  TEXT\n"
                                                          "msg_1   toko  a text that is long at its\n"
                                                          "              end\n"
                                                          "msg_22  x     \n");
}

TEST_CASE("a table taken in parts has one header and columns that only widen") {
  Table table({"ID", "TEXT"});
  table.add({"1", "a"});
  CHECK(table.take_text() == "ID  TEXT\n1   a\n");
  table.add({"333", "b"});
  CHECK(table.take_text() == "333  b\n");
  table.add({"4", "c"});
  CHECK(table.take_text() == "4    c\n");
}
