// One message to many: the recipients of --to, or the rows of a table, each with values of its own for the template.
// Each is sent under an idempotency key that is made of the table's name, the row and the message. So the same command
// may be run again, after Ctrl-C, a crash or a corrected row, and sends only what was not sent yet.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/message_wait.h"
#include "cli/send_body.h"

namespace konekwa::cli {

struct ManyRequest {
  std::vector<std::string> to;
  std::string csv, to_column;        // name of a file or "-", and of its column; "": one that is usually called so
  std::string key;                   // begins the idempotency keys; another one sends everything again
  MessageWait wait;
  bool is_dry_run = false;

  bool is_many() const { return !csv.empty() || to.size() > 1; }
};

struct Addressee {
  std::size_t row = 0;               // as a spreadsheet shows it; for --to a count from 1
  std::string recipient;
  Json values;                       // of the template
  std::size_t line = 0;              // of the file, where the row begins; 0 where there is none

  std::string place() const;         // "line 4": where an editor finds it
};

// `values` are "key=value" or "key=@column"; columns that are called as a placeholder need none.
api::Outcome<std::vector<Addressee>> addressees_of(Context& context, const ManyRequest& request,
                                                   const std::vector<std::string>& values);

// Prints a line for each as it is accepted, or, with a wait, as it has come so far; then a summary on stderr. Rows that
// are refused are told and passed over; whatever else goes wrong ends it.
api::Outcome<> send_many(Context& context, const SendRequest& message, const ManyRequest& request);

}  // namespace konekwa::cli
