// Tables for people: columns as wide as their widest cell. On a screen nothing but the last column is ever cut, so that
// an id can be copied: columns for which a line has no room stand on a line below, indented.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace konekwa::cli {

struct TableLook {
  int columns = 0;          // of the screen; 0: a row is a line, and nothing is cut
  bool has_header = true;
  bool has_colour = false;  // for the header, and for words that say how something is
  operator int() const { return columns; }
};

class Table {
 public:
  enum class Last { Cut, Wrapped };   // what is done with a last cell that is too wide

  explicit Table(std::vector<std::string> header, Last last = Last::Cut);
  void add(std::vector<std::string> row);
  void make_room(const std::vector<std::string>& row);   // for cells like these, before they come
  std::string text(const TableLook& look = {}) const;

  // The same for a table that is too long to be held: the rows since the last call. The header comes once, and columns
  // only widen.
  std::string take_text(const TableLook& look = {});

 private:
  // The columns [first, second) of a line of a row; the rows of a table have the same lines.
  using Lines = std::vector<std::pair<std::size_t, std::size_t>>;
  Lines lines_for(int columns) const;
  std::string row_text(const std::vector<std::string>& row, const TableLook& look) const;
  std::string last_cell(const std::string& cell, int used, const TableLook& look) const;

  std::vector<std::string> header_;              // empty when it was taken
  std::vector<std::vector<std::string>> rows_;
  std::vector<int> widths_;
  const Last last_;
};

}  // namespace konekwa::cli
