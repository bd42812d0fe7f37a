// What a shell is offered for the word that somebody is writing: a candidate a line, with a tab and a description
// behind it where there is one. A line that begins with a tab tells the shell how to go on. Nothing of it drives a
// terminal, wherever a candidate comes from; each shell quotes it in its own way.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace CLI {
class Option;
}

namespace konekwa::cli {

class Candidates {
 public:
  Candidates(std::ostream& out, std::string word) : out_(out), begun_(std::move(word)) {}

  void keep(std::size_t size);                 // so much of the word stays: "--wait=" of "--wait=de"
  const std::string& begun() const { return begun_; }   // what a candidate begins with: "de"
  void offer(std::string_view candidate, std::string_view description = {});
  void files_too() const;                      // the shell knows the names of files
  void more_may_follow() const;                // so no blank belongs behind a candidate

 private:
  std::ostream& out_;
  std::string kept_, begun_;
};

// What the words before have said.
struct Said {
  const GlobalOptions& options;
  std::string command;    // "sessions show"
  std::string session;    // the value of --session
};

// Offers what the value of an option or argument may be, by the name that help gives it.
void offer_values(const CLI::Option& option, const Said& said, Candidates& candidates);
void offer_values(const std::string& kind, const Said& said, Candidates& candidates);

}  // namespace konekwa::cli
