// Gateway: tenants, for admins.
#include <nlohmann/json.hpp>

#include "daemon/gateway/impl.h"

namespace konekwa {
namespace {

using store::TenantRow;

Json tenant_json(const TenantRow& row) {
  Json out = {{"id", row.id}};
  if (!row.name.empty()) out["name"] = row.name;
  out["suspended"] = row.suspended_at.has_value();
  if (row.suspended_at) out["suspended_at"] = to_rfc3339(*row.suspended_at);
  out["created_at"] = to_rfc3339(row.created_at);
  out["sessions"] = row.sessions;
  out["tokens"] = row.live_tokens;
  return out;
}

// An admin who acts for one tenant sees that one.
Result<TenantRow> find(store::Database& db, const Caller& caller, const std::string& id) {
  auto row = caller.sees(id) ? store::tenants::find(db, id) : std::nullopt;
  if (!row) return fail(ErrorCode::TENANT_NOT_FOUND, id);
  return std::move(*row);
}

}  // namespace

void Gateway::create_tenant(const Caller& caller, std::string body, Answer answer) {
  JsonFields fields(body);
  TenantRow row;
  row.id = fields.required_text("id");
  if (!row.id.empty() && !is_tenant_name(row.id)) {
    fields.refuse("id", ErrorCode::INVALID_REQUEST, "must be 1 to 64 of A-Z a-z 0-9 _ -");
  }
  if (!row.id.empty() && !caller.sees(row.id)) {
    fields.refuse("id", ErrorCode::FORBIDDEN, "is not the tenant of X-Konekwa-Tenant");
  }
  row.name = fields.text("name").value_or("");
  check_name(fields, row.name);
  if (fields.error()) return answer(fail(*fields.error()));
  row.created_at = impl_->now();
  impl_->commit_access(
      [row, warnings = fields.warning_headers()](store::Database& db) -> Result<Reply> {
        if (store::tenants::find(db, row.id)) {
          return fail(Error(ErrorCode::CONFLICT, "a tenant with this id exists", row.id));
        }
        store::tenants::insert(db, row);
        Reply reply = json_reply(201, tenant_json(row));
        add_headers(reply, warnings);
        return reply;
      },
      std::move(answer));
}

Result<Reply> Gateway::list_tenants(const Caller& caller) {
  const std::string only = caller.sees_every_tenant ? "" : caller.tenant;
  auto rows = impl_->parts.readers.get<std::vector<TenantRow>>(
      [&](store::Database& db) { return store::tenants::list(db, only); });
  if (!rows) return fail(rows.error());
  Json list = Json::array();
  for (const TenantRow& row : *rows) list.push_back(tenant_json(row));
  return json_reply(200, {{"tenants", std::move(list)}});
}

Result<Reply> Gateway::show_tenant(const Caller& caller, const std::string& id) {
  Result<TenantRow> row;
  auto read = impl_->parts.readers.read([&](store::Database& db) { row = find(db, caller, id); });
  if (!read) return fail(read.error());
  if (!row) return fail(row.error());
  return json_reply(200, tenant_json(*row));
}

void Gateway::update_tenant(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  fields.require_any({"name", "suspended"});
  const auto name = fields.text("name");
  check_name(fields, name.value_or(""));
  const auto suspended = fields.flag("suspended");
  if (fields.error()) return answer(fail(*fields.error()));
  impl_->commit_access(
      [caller, id, name, suspended, now = impl_->now(),
       warnings = fields.warning_headers()](store::Database& db) -> Result<Reply> {
        auto row = find(db, caller, id);
        if (!row) return fail(row.error());
        row->name = name.value_or(row->name);
        if (suspended && *suspended != row->suspended_at.has_value()) {
          row->suspended_at = *suspended ? std::optional(now) : std::nullopt;
        }
        store::tenants::update(db, *row);
        Reply reply = json_reply(200, tenant_json(*row));
        add_headers(reply, warnings);
        return reply;
      },
      std::move(answer));
}

void Gateway::delete_tenant(const Caller& caller, const std::string& id, Answer answer) {
  impl_->commit_access(
      [caller, id](store::Database& db) -> Result<Reply> {
        const auto row = find(db, caller, id);
        if (!row) return fail(row.error());
        if (row->sessions > 0 || row->live_tokens > 0) {
          return fail(Error(ErrorCode::CONFLICT, "the tenant is in use",
                            fmt::format("it has {} sessions and {} tokens; delete and revoke them first", row->sessions,
                                        row->live_tokens)));
        }
        store::tenants::erase(db, id);
        return json_reply(200, {{"message", "Tenant deleted successfully"}});
      },
      std::move(answer));
}

}  // namespace konekwa
