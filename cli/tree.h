// The table of commands as a parser of CLI11. Help, parsing and completion all read this one tree.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"

namespace konekwa::cli {

struct Tree {
  std::unique_ptr<CLI::App, void (*)(CLI::App*)> root;
  GlobalOptions options;
  struct Leaf {
    CLI::App* app;       // owned by root
    Run run;
    bool is_local;
  };
  std::vector<Leaf> leaves;
};

// For these words: commands that they cannot mean have a name and no options, since to declare them all takes longer
// than to send a message. Options are filled by parsing.
std::unique_ptr<Tree> make_tree(const std::vector<std::string>& words);

}  // namespace konekwa::cli
