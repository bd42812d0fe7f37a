#include "cli/output.h"

#include <ostream>

#include <fmt/format.h>

#include "cli/print.h"

namespace konekwa::cli {

void Output::answer(const api::Response& response, const std::vector<std::string>& ids, std::string_view text) {
  switch (form_) {
    case Form::Text: return raw(text);
    case Form::Json: return raw(response.raw.ends_with('\n') ? response.raw : response.raw + "\n");
    case Form::Ids: break;
  }
  for (const std::string& id : ids) out_ << printable(id) << '\n';
  out_.flush();
}

void Output::raw(std::string_view text) {
  out_ << text;
  out_.flush();
}

bool Output::can_write() const { return static_cast<bool>(out_); }

void Output::note(std::string_view text) {
  if (form_ == Form::Text) err_ << "konekwa: " << printable(text) << '\n' << std::flush;
}

void Output::failure(const api::Failure& failure) {
  if (form_ == Form::Json) {
    err_ << failure.body << (failure.body.ends_with('\n') ? "" : "\n") << std::flush;
    return;
  }
  const std::string code = failure.code.empty() ? "" : fmt::format(" ({})", printable(failure.code));
  err_ << fmt::format("konekwa: error: {}{}\n", printable(failure.error.text()), code);
  if (!failure.hint.empty()) err_ << fmt::format("konekwa: hint: {}\n", printable(failure.hint));
  err_.flush();
}

}  // namespace konekwa::cli
