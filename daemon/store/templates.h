// The table of templates: texts with placeholders, of a tenant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct TemplateRow {
  std::int64_t position = 0;            // rowid: the order of making
  std::string id;                       // "tpl_..."
  std::string tenant;
  std::string name;                     // a label, need not be unique
  std::string content;
  std::string message_type = "text";
  Time created_at{};
  Time updated_at{};
};

namespace templates {

void insert(Database& db, const TemplateRow& row);
std::optional<TemplateRow> find(Database& db, const std::string& id);
void update(Database& db, const TemplateRow& row);                      // name, content, message_type, updated_at
void erase(Database& db, const std::string& id);

struct Page {
  std::vector<TemplateRow> rows;        // newest first
  bool more = false;
  std::int64_t total_count = 0;
};
// Tenant "" means all; `before_position` 0: from the newest.
Page list(Database& db, const std::string& tenant, std::int64_t before_position, int page_size);

}  // namespace templates
}  // namespace konekwa::store
