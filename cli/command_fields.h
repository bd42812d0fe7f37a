// The fields that --fields may name, command by command.
#pragma once

#include <string_view>
#include <vector>

namespace konekwa::cli {

// Of the objects that a command prints, which is written with its noun: "sessions list". None where it prints no
// objects, and for the phones of the simulated network, of which openapi.yaml says nothing.
std::vector<std::string_view> fields_of_command(std::string_view command);

}  // namespace konekwa::cli
