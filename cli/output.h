// The rules of what goes where: stdout is the answer and nothing else, stderr is the rest. The answer takes one of
// these forms: text for people, the API's body unchanged (--json), each object on a line (--jsonl), ids only (-q), or
// the fields that were asked for (--fields), as a table or as smaller objects. On failure stderr holds
// "konekwa: error: ...", "konekwa: hint: ..." and "konekwa: request: ...", lower case and without a final period, in
// the language of the locale; with --json or --jsonl the API's error object instead.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/table.h"
#include "common/api/client.h"
#include "common/language.h"

namespace konekwa::cli {

class Output {
 public:
  enum class Form { Text, Json, Jsonl, Ids };
  struct Look {
    Form form = Form::Text;
    std::vector<std::string> fields;   // with Text and Jsonl; none: all of them
    bool has_header = true;
    bool is_on_screen = false;         // stdout is a terminal
    bool has_error_colour = false;     // stderr is a terminal that shows colours
    Language language = Language::English;   // of what people read on stderr and beside a QR code
  };
  Output(std::ostream& out, std::ostream& err, Look look) : out_(out), err_(err), look_(std::move(look)) {}

  Form form() const { return look_.form; }
  bool has_header() const { return look_.has_header; }
  void answer(const api::Response& response, const std::vector<std::string>& ids, std::string_view text);
  void make_room(const Json& item);              // answers like this one come, each by itself; for --fields
  enum class Stream { Out, Err };
  void raw(std::string_view text);               // to stdout as it is, at once: a picture
  void draw(Stream stream, std::string_view text);   // the same to a screen
  void document(std::string_view json);          // to stdout for programs; on a screen what would drive it is escaped
  bool can_write() const;                        // false when whoever read stdout is gone
  bool has_lost_reader() const { return has_lost_reader_; }   // and not, say, when the disk is full
  std::string told(std::string text) const;      // in the language of who reads it
  void note(std::string_view text);              // to stderr, for a person; nothing where a program reads
  void ask(std::string_view question);           // the same, and the line goes on
  void status_line(std::string_view text);       // to stderr, in the place of the one before; only on a screen
  void aside(const std::vector<std::string>& lines);   // to stderr, whatever the form: what a person must see
  void failure(const api::Failure& failure, const std::string& about = {});   // to stderr; of one of many things

 private:
  void lines(const Json& body);
  void table(const Json& body);
  Table& table_of_fields();
  std::vector<std::string> row_of(const Json& item) const;
  bool is_for_programs() const { return look_.form == Form::Json || look_.form == Form::Jsonl; }

  std::ostream& out_;
  std::ostream& err_;
  const Look look_;
  bool has_lost_reader_ = false;
  std::optional<Table> table_;                   // of the fields, over all answers of a command
  std::vector<std::string> doubtful_;            // the fields that none of them had yet
};

}  // namespace konekwa::cli
