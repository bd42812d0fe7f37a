#include "daemon/store/uploads.h"

namespace konekwa::store::uploads {
namespace {

constexpr const char* kSelect =
    "SELECT id, tenant, sha256, size, mimetype, filename, created_at, expires_at FROM uploads ";

UploadRow upload_from(const Row& row) {
  return {row.text(0), row.text(1), row.blob(2), row.integer(3), row.text(4), row.text(5), row.time(6), row.time(7)};
}

}  // namespace

void insert(Database& db, const UploadRow& row) {
  db.execute(
      "INSERT INTO uploads (id, tenant, sha256, size, mimetype, filename, created_at, expires_at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {row.id, row.tenant, row.sha256, row.size, row.mimetype, row.filename, row.created_at, row.expires_at});
}

std::optional<UploadRow> find(Database& db, const std::string& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ?";
  std::optional<UploadRow> out;
  db.query_one(sql, {id}, [&](const Row& row) { out = upload_from(row); });
  return out;
}

std::optional<UploadRow> find_same(Database& db, const UploadRow& row) {
  static const std::string sql =
      std::string(kSelect) + "WHERE sha256 = ? AND tenant = ? AND mimetype = ? AND filename = ? LIMIT 1";
  std::optional<UploadRow> out;
  db.query_one(sql, {row.sha256, row.tenant, row.mimetype, row.filename},
               [&](const Row& found) { out = upload_from(found); });
  return out;
}

void keep_until(Database& db, const std::string& id, Time expires_at) {
  db.execute("UPDATE uploads SET expires_at = max(expires_at, ?) WHERE id = ?", {expires_at, id});
}

bool erase(Database& db, const std::string& id) { return db.execute("DELETE FROM uploads WHERE id = ?", {id}) > 0; }

std::vector<UploadRow> take_expired(Database& db, Time now, int limit) {
  static const std::string sql = std::string(kSelect) + "WHERE expires_at <= ? ORDER BY expires_at LIMIT ?";
  std::vector<UploadRow> out;
  db.query(sql, {now, limit}, [&](const Row& row) { out.push_back(upload_from(row)); });
  for (const UploadRow& row : out) erase(db, row.id);
  return out;
}

bool uses_file(Database& db, ByteView sha256) {
  return db.integer("SELECT 1 FROM uploads WHERE sha256 = ? LIMIT 1", {to_bytes(sha256)}).has_value();
}

}  // namespace konekwa::store::uploads
