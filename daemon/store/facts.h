// Small facts that outlive a restart: name and value.
#pragma once

#include <optional>
#include <string>

#include "daemon/store/database.h"

namespace konekwa::store::facts {

std::optional<std::string> find(Database& db, const std::string& name);
void put(Database& db, const std::string& name, const std::string& value);

}  // namespace konekwa::store::facts
