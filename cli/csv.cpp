#include "cli/csv.h"

#include <algorithm>

#include <fmt/format.h>

namespace konekwa::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks[] = {" ", "\t", "\xC2\xA0", kByteOrderMark};   // the third one does not break

std::string trimmed(std::string_view text) {
  const auto cut = [&] {
    for (const std::string_view blank : kBlanks) {
      const std::size_t before = text.size();
      if (text.starts_with(blank)) text.remove_prefix(blank.size());
      if (text.ends_with(blank)) text.remove_suffix(blank.size());
      if (text.size() != before) return true;
    }
    return false;
  };
  while (cut()) {
  }
  return std::string(text);
}

bool is_same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

char separator_of(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  char best = ',';
  for (char candidate : {';', '\t'}) {
    if (std::count(first.begin(), first.end(), candidate) > std::count(first.begin(), first.end(), best)) {
      best = candidate;
    }
  }
  return best;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), separator_(separator_of(text)) {}

  bool is_at_end() const { return at_ >= text_.size(); }
  std::size_t line() const { return line_; }             // of the next row
  std::size_t quotation() const { return quotation_; }   // the line where the last one begins

  // Nothing when a quotation does not end.
  std::optional<std::vector<std::string>> take_row() {
    std::vector<std::string> cells;
    for (;;) {
      auto cell = take_cell();
      if (!cell) return std::nullopt;
      cells.push_back(std::move(*cell));
      if (is_at_end()) return cells;
      const char c = text_[at_++];
      if (c == separator_) continue;
      if (c == '\r' && !is_at_end() && text_[at_] == '\n') ++at_;
      ++line_;
      return cells;
    }
  }

  // The same for names, which a person may have put blanks around.
  std::optional<std::vector<std::string>> take_names() {
    are_names_ = true;
    auto cells = take_row();
    are_names_ = false;
    if (!cells) return cells;
    for (std::string& name : *cells) name = trimmed(name);
    return cells;
  }

 private:
  std::optional<std::string> take_cell() {
    if (are_names_ && is_quoted(skipped_blanks(at_))) at_ = skipped_blanks(at_);
    if (is_at_end() || text_[at_] != '"') {
      const std::size_t end = std::min(text_.find_first_of(std::string{separator_, '\r', '\n'}, at_), text_.size());
      const std::string_view cell = text_.substr(at_, end - at_);
      at_ = end;
      return std::string(cell);
    }
    std::string cell;
    quotation_ = line_;
    for (++at_; !is_at_end();) {
      const char c = text_[at_++];
      if (c != '"') {
        cell.push_back(c);
        line_ += c == '\n' || (c == '\r' && !text_.substr(at_).starts_with('\n')) ? 1 : 0;
      } else if (!is_at_end() && text_[at_] == '"') {
        cell.push_back(text_[at_++]);
      } else {
        if (are_names_) at_ = skipped_blanks(at_);
        return is_at_end() || is_end(text_[at_]) ? std::optional(std::move(cell)) : std::nullopt;
      }
    }
    return std::nullopt;
  }
  bool is_end(char c) const { return c == separator_ || c == '\r' || c == '\n'; }
  bool is_quoted(std::size_t at) const { return text_.substr(at).starts_with('"'); }
  std::size_t skipped_blanks(std::size_t at) const {
    const std::string blanks = separator_ == '\t' ? " " : " \t";
    return std::min(text_.find_first_not_of(blanks, at), text_.size());
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0, line_ = 1, quotation_ = 1;
  bool are_names_ = false;
};

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const auto& each) { return is_same_word(each, name); });
  return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

api::Outcome<CsvTable> parse_csv(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  CsvTable out;
  Reader reader(text);
  for (std::size_t number = 1; !reader.is_at_end(); ++number) {
    const std::size_t line = reader.line();
    auto cells = out.names.empty() ? reader.take_names() : reader.take_row();
    if (!cells) {
      return api::failed(ErrorCode::INVALID_REQUEST,
                         fmt::format("line {}: a quotation mark is not where it may be", reader.quotation()));
    }
    if (cells->size() == 1 && cells->front().empty()) continue;
    if (out.names.empty()) {
      out.names = std::move(*cells);
    } else if (cells->size() != out.names.size()) {
      return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("line {} has {} columns, the first row has {}", line,
                                                                 cells->size(), out.names.size()));
    } else {
      out.rows.push_back({number, line, std::move(*cells)});
    }
  }
  if (!out.rows.empty()) return out;
  return api::failed(ErrorCode::INVALID_REQUEST, "there is no row below the names of the columns");
}

}  // namespace konekwa::cli
