// What is not known is absent from our JSON, not empty.
#pragma once

#include <string>

#include "common/json.h"

namespace konekwa {

void put_text(Json& out, const char* key, const std::string& value);   // nothing when it is ""

}  // namespace konekwa
