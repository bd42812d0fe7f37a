#include "cli/table.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::string_view kGap = "  ";
constexpr std::string_view kIndent = "    ";   // of the lines of a row below its first
constexpr int kLastMin = 24;   // columns that the last one is given beside others, if it needs so many

constexpr std::string_view kBold = "\033[1m", kReset = "\033[0m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kRed = "\033[31m";
constexpr const char* kYellow = "\033[33m";

// Words that say how something is: well, waiting for somebody, or wrong.
constexpr std::pair<std::string_view, const char*> kColours[] = {
    {"CONNECTED", kGreen},     {"SENT", kGreen},          {"DELIVERED", kGreen},  {"READ", kGreen},
    {"ok", kGreen},            {"WAITING_QR", kYellow},   {"CONNECTING", kYellow}, {"DISCONNECTED", kYellow},
    {"retrying", kYellow},     {"warning", kYellow},      {"FAILED", kRed},       {"EXPIRED", kRed},
    {"LOGGED_OUT", kRed},      {"BANNED", kRed},          {"dead", kRed},         {"CLIENT_OUTDATED", kRed},
    {"failed", kRed},
};

std::string painted(const std::string& cell) {
  const auto found = std::find_if(std::begin(kColours), std::end(kColours),
                                  [&](const auto& colour) { return colour.first == cell; });
  return found == std::end(kColours) ? cell : fmt::format("{}{}{}", found->second, cell, kReset);
}

std::string padding(int columns) { return std::string(static_cast<std::size_t>(std::max(columns, 0)), ' '); }

}  // namespace

Table::Table(std::vector<std::string> header, Last last) : header_(std::move(header)), last_(last) {
  for (const std::string& name : header_) widths_.push_back(display_width(name));
}

void Table::make_room(const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < widths_.size(); ++i) widths_[i] = std::max(widths_[i], display_width(row[i]));
}

void Table::add(std::vector<std::string> row) {
  make_room(row);
  rows_.push_back(std::move(row));
}

Table::Lines Table::lines_for(int columns) const {
  const std::size_t count = widths_.size();
  Lines out = {{0, count}};
  if (columns <= 0) return out;
  int used = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int needed = i + 1 == count ? std::min(widths_[i], kLastMin) : widths_[i];
    if (used + needed > columns && i > out.back().first) {
      out.back().second = i;
      out.emplace_back(i, count);
      used = static_cast<int>(kIndent.size());
    }
    used += widths_[i] + static_cast<int>(kGap.size());
  }
  return out;
}

// In the room that the cells before it have left.
std::string Table::last_cell(const std::string& cell, int used, const TableLook& look) const {
  const int room = look.columns - used;
  if (look.columns <= 0 || room <= 1) return cell;
  if (last_ == Last::Cut) return shortened(cell, room);
  std::string out;
  for (const std::string& line : wrapped(cell, room)) out += (out.empty() ? "" : "\n" + padding(used)) + line;
  return out;
}

std::string Table::row_text(const std::vector<std::string>& row, const TableLook& look) const {
  std::string out;
  for (const auto& [first, end] : lines_for(look.columns)) {
    const bool is_first = first == 0;
    const auto begin = row.begin() + static_cast<std::ptrdiff_t>(first);
    const auto is_empty = [](const std::string& cell) { return cell.empty(); };
    if (!is_first && std::all_of(begin, row.begin() + static_cast<std::ptrdiff_t>(end), is_empty)) continue;
    int used = is_first ? 0 : static_cast<int>(kIndent.size());
    out += padding(used);
    for (std::size_t i = first; i < end; ++i) {
      if (i + 1 == row.size()) {
        out += last_cell(row[i], used, look);
        break;
      }
      out += look.has_colour ? painted(row[i]) : row[i];
      if (i + 1 == end) break;
      out += padding(widths_[i] - display_width(row[i])) + std::string(kGap);
      used += widths_[i] + static_cast<int>(kGap.size());
    }
    out += '\n';
  }
  return out;
}

std::string Table::text(const TableLook& look) const {
  std::string out;
  if (look.has_header && !header_.empty()) {
    const std::string names = row_text(header_, {look.columns});
    out = look.has_colour ? fmt::format("{}{}{}\n", kBold, names.substr(0, names.size() - 1), kReset) : names;
  }
  for (const auto& row : rows_) out += row_text(row, look);
  return out;
}

std::string Table::take_text(const TableLook& look) {
  std::string out = text(look);
  header_.clear();
  rows_.clear();
  return out;
}

}  // namespace konekwa::cli
