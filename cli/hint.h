// The next step after a failure, by its code.
#pragma once

#include <string>

#include "common/api/failure.h"

namespace konekwa::cli {

std::string hint_for(const api::Failure& failure);   // "" when there is nothing useful to say

}  // namespace konekwa::cli
