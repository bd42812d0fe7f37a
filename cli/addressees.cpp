#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/csv.h"
#include "cli/send_many.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kCsvBytesMax = 16u << 20;
constexpr const char* kUsualNames[] = {"to", "recipient", "phone", "number", "nomor"};

struct Value {
  std::string key, text;
  bool is_column = false;   // `text` is the name of one
};

// "@@" begins a text that begins with "@".
Value value_of(const std::string& word) {
  const std::size_t equals = word.find('=');
  Value out{word.substr(0, equals), word.substr(equals + 1), false};
  if (!out.text.starts_with('@')) return out;
  out.text.erase(0, 1);
  out.is_column = !out.text.starts_with('@');
  return out;
}

std::optional<std::size_t> recipient_column(const CsvTable& table, const std::string& name) {
  if (!name.empty()) return table.column(name);
  for (const char* usual : kUsualNames) {
    if (const auto column = table.column(usual)) return column;
  }
  return std::nullopt;
}

tl::unexpected<api::Failure> no_column(const std::string& what, const CsvTable& table) {
  return api::failed(ErrorCode::INVALID_REQUEST, what,
                     fmt::format("the columns are: {}", fmt::join(table.names, ", ")));
}

api::Outcome<std::vector<Addressee>> from_table(const CsvTable& table, const ManyRequest& request,
                                                const std::vector<std::string>& words) {
  const auto to = recipient_column(table, request.to_column);
  if (!to) {
    return no_column(request.to_column.empty() ? "which column has the recipients? --to-column names it"
                                               : fmt::format("there is no column {}", request.to_column), table);
  }
  std::vector<Value> values;
  for (const std::string& word : words) {
    values.push_back(value_of(word));
    if (values.back().is_column && !table.column(values.back().text)) {
      return no_column(fmt::format("there is no column {}", values.back().text), table);
    }
  }
  std::vector<Addressee> out;
  for (const CsvTable::Row& row : table.rows) {
    Addressee addressee{row.number, row.cells[*to], Json::object(), row.line};
    for (std::size_t i = 0; i < table.names.size(); ++i) {
      if (i != *to) addressee.values[table.names[i]] = row.cells[i];
    }
    for (const Value& value : values) {
      addressee.values[value.key] = value.is_column ? row.cells[*table.column(value.text)] : value.text;
    }
    out.push_back(std::move(addressee));
  }
  return out;
}

}  // namespace

std::string Addressee::place() const { return line == 0 ? fmt::format("row {}", row) : fmt::format("line {}", line); }

api::Outcome<std::vector<Addressee>> addressees_of(Context& context, const ManyRequest& request,
                                                   const std::vector<std::string>& values) {
  if (!request.csv.empty()) {
    const auto text = file_or_stdin(context, request.csv, kCsvBytesMax);
    if (!text) return api::failed(text.error());
    auto table = parse_csv(*text);
    if (table) return from_table(*table, request, values);
    const std::string name = request.csv == "-" ? "stdin" : request.csv;
    return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{}: {}", name, table.error().error.message));
  }
  Json same = Json::object();
  for (const std::string& word : values) {
    const std::size_t equals = word.find('=');
    same[word.substr(0, equals)] = word.substr(equals + 1);
  }
  std::vector<Addressee> out;
  for (const std::string& recipient : request.to) out.push_back({out.size() + 1, recipient, same, 0});
  return out;
}

}  // namespace konekwa::cli
