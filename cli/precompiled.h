// Beside the project's own precompiled header: the libraries that nearly every file of the CLI includes, and that take
// longer to read than the file itself.
#pragma once
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
