// Text for people: tables, lists of fields, and remote text made safe for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/json.h"

namespace konekwa::cli {

// Remote text as it may go to a terminal: control characters and those that reorder or hide text are dropped, line
// breaks and tabs become a space, what is not UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

int display_width(std::string_view text);                     // columns, of printable text
std::string shortened(std::string_view text, int columns);    // cut with "…" when it is wider

// The value of a key; null when it is absent or this is no object: an answer may come from anything that speaks HTTP.
const Json& child(const Json& object, const char* key);

// The same as printable text: "" when it is absent or null, a list joined by commas.
std::string field(const Json& object, const char* key);

// Columns as wide as their widest cell; the last one is cut to the screen when `columns` is not 0.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row);
  std::string text(int columns = 0) const;

  // The same for a table that is too long to be held: the rows since the last call. The header comes once, and columns
  // only widen.
  std::string take_text(int columns = 0);

 private:
  std::vector<std::vector<std::string>> rows_;   // the header is the first
  std::vector<int> widths_;
};

// "name:  value" lines, values aligned; fields without a value are left out.
std::string field_list(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace konekwa::cli
