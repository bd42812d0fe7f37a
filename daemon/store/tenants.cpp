#include "daemon/store/tenants.h"

namespace konekwa::store::tenants {
namespace {

constexpr const char* kSelect =
    "SELECT id, name, created_at, suspended_at, (SELECT count(*) FROM sessions WHERE tenant = t.id),"
    " (SELECT count(*) FROM tokens WHERE tenant = t.id AND revoked_at IS NULL) FROM tenants AS t ";

TenantRow tenant_from(const Row& row) {
  TenantRow out;
  out.id = row.text(0);
  out.name = row.text(1);
  out.created_at = row.time(2);
  out.suspended_at = row.optional_time(3);
  out.sessions = row.integer(4);
  out.live_tokens = row.integer(5);
  return out;
}

}  // namespace

void ensure(Database& db, const std::string& id, Time now) {
  db.execute("INSERT OR IGNORE INTO tenants (id, created_at) VALUES (?, ?)", {id, now});
}

void insert(Database& db, const TenantRow& row) {
  db.execute("INSERT INTO tenants (id, name, created_at, suspended_at) VALUES (?, ?, ?, ?)",
             {row.id, row.name, row.created_at, row.suspended_at});
}

std::optional<TenantRow> find(Database& db, const std::string& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ?";
  std::optional<TenantRow> out;
  db.query_one(sql, {id}, [&](const Row& row) { out = tenant_from(row); });
  return out;
}

bool is_suspended(Database& db, const std::string& id) {
  return db.integer("SELECT 1 FROM tenants WHERE id = ? AND suspended_at IS NOT NULL", {id}).has_value();
}

std::vector<TenantRow> list(Database& db, const std::string& only) {
  static const std::string sql = std::string(kSelect) + "WHERE ?1 = '' OR id = ?1 ORDER BY created_at, id";
  std::vector<TenantRow> out;
  db.query(sql, {only}, [&](const Row& row) { out.push_back(tenant_from(row)); });
  return out;
}

void update(Database& db, const TenantRow& row) {
  db.execute("UPDATE tenants SET name = ?, suspended_at = ? WHERE id = ?", {row.name, row.suspended_at, row.id});
}

void erase(Database& db, const std::string& id) {
  db.execute("DELETE FROM templates WHERE tenant = ?", {id});
  db.execute("DELETE FROM tokens WHERE tenant = ?", {id});
  db.execute("DELETE FROM tenants WHERE id = ?", {id});
}

}  // namespace konekwa::store::tenants
