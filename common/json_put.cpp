#include "common/json_put.h"

#include <nlohmann/json.hpp>

namespace konekwa {

void put_text(Json& out, const char* key, const std::string& value) {
  if (!value.empty()) out[key] = value;
}

}  // namespace konekwa
