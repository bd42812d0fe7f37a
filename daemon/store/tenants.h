// The table of tenants: who shares the daemon. Sessions, tokens, templates and messages belong to one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct TenantRow {
  std::string id;
  std::string name;                     // "" when it was made by its first token
  Time created_at{};
  std::optional<Time> suspended_at;     // its keys are refused since then
  std::int64_t sessions = 0;
  std::int64_t live_tokens = 0;         // that are not revoked
};

namespace tenants {

void ensure(Database& db, const std::string& id, Time now);             // makes it when it is new
void insert(Database& db, const TenantRow& row);                        // Failure::Constraint when the id exists
std::optional<TenantRow> find(Database& db, const std::string& id);
bool is_suspended(Database& db, const std::string& id);
std::vector<TenantRow> list(Database& db, const std::string& only);     // oldest first; `only` "" means all
void update(Database& db, const TenantRow& row);                        // name and suspended_at
void erase(Database& db, const std::string& id);                        // with its templates and revoked tokens

}  // namespace tenants
}  // namespace konekwa::store
