#include "daemon/store/templates.h"

namespace konekwa::store::templates {
namespace {

constexpr const char* kSelect =
    "SELECT position, id, tenant, name, content, message_type, created_at, updated_at FROM templates ";

TemplateRow template_from(const Row& row) {
  return {row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.time(6), row.time(7)};
}

}  // namespace

void insert(Database& db, const TemplateRow& row) {
  db.execute(
      "INSERT INTO templates (id, tenant, name, content, message_type, created_at, updated_at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
      {row.id, row.tenant, row.name, row.content, row.message_type, row.created_at, row.updated_at});
}

std::optional<TemplateRow> find(Database& db, const std::string& id) {
  static const std::string sql = std::string(kSelect) + "WHERE id = ?";
  std::optional<TemplateRow> out;
  db.query_one(sql, {id}, [&](const Row& row) { out = template_from(row); });
  return out;
}

void update(Database& db, const TemplateRow& row) {
  db.execute("UPDATE templates SET name = ?, content = ?, message_type = ?, updated_at = ? WHERE id = ?",
             {row.name, row.content, row.message_type, row.updated_at, row.id});
}

void erase(Database& db, const std::string& id) { db.execute("DELETE FROM templates WHERE id = ?", {id}); }

Page list(Database& db, const std::string& tenant, std::int64_t before_position, int page_size) {
  static const std::string sql =
      std::string(kSelect) + "WHERE (?1 = '' OR tenant = ?1) AND (?2 = 0 OR position < ?2)"
                             " ORDER BY position DESC LIMIT ?3";
  Page page;
  page.total_count = db.integer("SELECT count(*) FROM templates WHERE ?1 = '' OR tenant = ?1", {tenant}).value_or(0);
  db.query(sql, {tenant, before_position, page_size + 1},
           [&](const Row& row) { page.rows.push_back(template_from(row)); });
  page.more = page.rows.size() > static_cast<std::size_t>(page_size);
  if (page.more) page.rows.pop_back();
  return page;
}

}  // namespace konekwa::store::templates
