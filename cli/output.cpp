#include "cli/output.h"

#include <algorithm>
#include <cerrno>
#include <ostream>

#include <fmt/format.h>

#include "cli/print.h"
#include "cli/words.h"

namespace konekwa::cli {
namespace {

constexpr std::string_view kRed = "\033[1;31m", kReset = "\033[0m";

Json picked(const Json& object, const std::vector<std::string>& fields) {
  if (fields.empty()) return object;
  Json out = Json::object();
  for (const std::string& name : fields) {
    if (const Json& value = descendant(object, name); !value.is_null()) out[name] = value;
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

void Output::answer(const api::Response& response, const std::vector<std::string>& ids, std::string_view text) {
  switch (look_.form) {
    case Form::Text: return look_.fields.empty() ? raw(text) : table(response.body);
    case Form::Json: return document(response.raw.ends_with('\n') ? response.raw : response.raw + "\n");
    case Form::Jsonl: return lines(response.body);
    case Form::Ids: break;
  }
  std::string lines;
  for (const std::string& id : ids) lines += printable(id) + "\n";
  raw(lines);
}

void Output::lines(const Json& body) {
  std::string lines;
  for (const Json* item : items_of(body)) {
    lines += picked(*item, look_.fields).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  document(lines);
}

Table& Output::table_of_fields() {
  if (table_) return *table_;
  std::vector<std::string> header;
  for (const std::string& name : look_.fields) header.push_back(upper(printable(name)));
  doubtful_ = look_.fields;
  return table_.emplace(std::move(header));
}

std::vector<std::string> Output::row_of(const Json& item) const {
  std::vector<std::string> row;
  for (const std::string& name : look_.fields) row.push_back(text_of(descendant(item, name)));
  return row;
}

void Output::make_room(const Json& item) {
  if (look_.form != Form::Text || look_.fields.empty()) return;
  table_of_fields().make_room(row_of(item));
  std::erase_if(doubtful_, [&](const std::string& name) { return !descendant(item, name).is_null(); });
}

void Output::table(const Json& body) {
  Table& table = table_of_fields();
  const auto items = items_of(body);
  for (const Json* item : items) {
    table.add(row_of(*item));
    std::erase_if(doubtful_, [&](const std::string& name) { return !descendant(*item, name).is_null(); });
  }
  raw(table.take_text({0, look_.has_header, false}));
  if (items.empty()) return;
  for (const std::string& name : doubtful_) note("nothing here has the field " + name);
  doubtful_.clear();   // of a stream: the next one may have it
}

void Output::document(std::string_view json) { look_.is_on_screen ? raw(escaped(json)) : raw(json); }

void Output::raw(std::string_view text) {
  const bool could_write = can_write();
  errno = 0;
  out_ << text;
  out_.flush();
  if (could_write && !can_write()) has_lost_reader_ = errno == EPIPE;
}

void Output::draw(Stream stream, std::string_view text) {
  if (stream == Stream::Out) return raw(text);
  err_ << text << std::flush;
}

bool Output::can_write() const { return static_cast<bool>(out_); }

std::string Output::told(std::string text) const { return told_in(look_.language, std::move(text)); }

void Output::note(std::string_view text) {
  if (look_.form == Form::Text) err_ << "konekwa: " << printable(told(std::string(text))) << '\n' << std::flush;
}

void Output::ask(std::string_view question) {
  err_ << "konekwa: " << printable(told(std::string(question))) << ' ' << std::flush;
}

void Output::status_line(std::string_view text) { err_ << "\r\033[K" << text << std::flush; }

void Output::aside(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) err_ << line << '\n';
  err_.flush();
}

void Output::failure(const api::Failure& failure, const std::string& about) {
  if (is_for_programs()) {
    err_ << failure.body << (failure.body.ends_with('\n') ? "" : "\n") << std::flush;
    return;
  }
  const Words& words = words_in(look_.language);
  const api::Failure told = told_in(look_.language, failure);
  const std::string code = failure.code.empty() ? "" : fmt::format(" ({})", printable(failure.code));
  const auto [on, off] = look_.has_error_colour ? std::pair(kRed, kReset) : std::pair("", "");
  const std::string prefix = about.empty() ? "" : printable(this->told(about)) + ": ";
  err_ << fmt::format("konekwa: {}{}:{} {}{}{}\n", on, words.error, off, prefix, printable(told.error.text()), code);
  if (!told.hint.empty()) err_ << fmt::format("konekwa: {}: {}\n", words.hint, printable(told.hint));
  if (!told.request_id.empty()) err_ << fmt::format("konekwa: {}: {}\n", words.request, printable(told.request_id));
  err_.flush();
}

}  // namespace konekwa::cli
