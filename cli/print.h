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
// JSON that says the same without what would drive a terminal: such characters become \u escapes, which JSON has
// within strings only, where alone they can be. Line ends and tabs stay.
std::string escaped(std::string_view json);
std::size_t unfinished_utf8(std::string_view text);   // octets at its end that begin a character and do not finish it

int display_width(std::string_view text);                     // columns, of printable text
std::string shortened(std::string_view text, int columns);    // cut with "…" when it is wider

// The value of a key; null when it is absent or this is no object: an answer may come from anything that speaks HTTP.
const Json& child(const Json& object, const char* key);

// The same by a path such as "error.code".
const Json& descendant(const Json& object, std::string_view path);

// A value as printable text: "" for null, a list joined by commas.
std::string text_of(const Json& value);
std::string field(const Json& object, const char* key);   // text_of(child())

// The objects that an answer is about: those of its list, where it is one, which has no id of its own; else itself.
std::vector<const Json*> items_of(const Json& body);

struct TableLook {
  int columns = 0;          // of the screen; 0: nothing is cut
  bool has_header = true;
  bool has_colour = false;  // for the header, and for words that say how something is
  operator int() const { return columns; }
};

// Columns as wide as their widest cell; the last one is cut to the screen.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row);
  void make_room(const std::vector<std::string>& row);   // for cells like these, before they come
  std::string text(const TableLook& look = {}) const;

  // The same for a table that is too long to be held: the rows since the last call. The header comes once, and columns
  // only widen.
  std::string take_text(const TableLook& look = {});

 private:
  std::string line(const std::vector<std::string>& row, const TableLook& look) const;

  std::vector<std::string> header_;              // empty when it was taken
  std::vector<std::vector<std::string>> rows_;
  std::vector<int> widths_;
};

// "name:  value" lines, values aligned; fields without a value are left out.
std::string field_list(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace konekwa::cli
