// The rules of what goes where: stdout is the answer and nothing else, stderr is the rest. The answer takes one of
// three forms: text for people, the API's body unchanged (--json), or ids only (-q). On failure stderr holds
// "konekwa: error: ..." and "konekwa: hint: ...", lower case and without a final period; with --json the API's error
// object instead.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/client.h"

namespace konekwa::cli {

class Output {
 public:
  enum class Form { Text, Json, Ids };
  Output(std::ostream& out, std::ostream& err, Form form) : out_(out), err_(err), form_(form) {}

  Form form() const { return form_; }
  void answer(const api::Response& response, const std::vector<std::string>& ids, std::string_view text);
  void raw(std::string_view text);               // to stdout as it is, at once: a screen, a picture
  bool can_write() const;                        // false when whoever read stdout is gone
  void note(std::string_view text);              // to stderr, for a person; nothing with --json or -q
  void failure(const api::Failure& failure);     // to stderr

 private:
  std::ostream& out_;
  std::ostream& err_;
  Form form_;
};

}  // namespace konekwa::cli
