#include "daemon/store/facts.h"

namespace konekwa::store::facts {

std::optional<std::string> find(Database& db, const std::string& name) {
  std::optional<std::string> out;
  db.query_one("SELECT value FROM facts WHERE name = ?", {name}, [&](const Row& row) { out = row.text(0); });
  return out;
}

void put(Database& db, const std::string& name, const std::string& value) {
  db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", {name, value});
}

}  // namespace konekwa::store::facts
