// A table of people to write to, as spreadsheets save it: RFC 4180, with a first line of names. Commas, semicolons or
// tabs, whichever the first line has most of; spreadsheets choose by the country.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/failure.h"

namespace konekwa::cli {

struct CsvTable {
  struct Row {
    std::size_t number = 0;            // as a spreadsheet shows it: the names are 1
    std::size_t line = 0;              // as an editor shows it: text in quotation marks may take several
    std::vector<std::string> cells;    // as many as there are names
  };
  std::vector<std::string> names;
  std::vector<Row> rows;

  std::optional<std::size_t> column(std::string_view name) const;   // whatever its case
};

// INVALID_REQUEST names the line that is wrong. Empty rows are left out; around names blanks count for nothing.
api::Outcome<CsvTable> parse_csv(std::string_view text);

}  // namespace konekwa::cli
