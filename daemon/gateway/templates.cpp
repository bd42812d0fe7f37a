// Gateway: templates.
#include <nlohmann/json.hpp>

#include "common/id.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/message_request.h"
#include "daemon/gateway/page_token.h"
#include "daemon/gateway/template_text.h"

namespace konekwa {
namespace {

using store::TemplateRow;

constexpr std::size_t kTemplateBytesMax = 16 * 1024;
constexpr std::size_t kPlaceholdersMax = 50;
constexpr int kAllMax = 1'000;   // of a list without page_size

// The documented keys come first, in the documented order.
Json template_json(const TemplateRow& row) {
  return {{"id", row.id},
          {"name", row.name},
          {"content", row.content},
          {"message_type", row.message_type},
          {"created_at", to_rfc3339(row.created_at)},
          {"updated_at", to_rfc3339(row.updated_at)},
          {"placeholders", placeholders_of(row.content)}};
}

void check_content(JsonFields& fields, const std::string& content) {
  if (content.size() > kTemplateBytesMax) {
    fields.refuse("content", ErrorCode::INVALID_REQUEST, fmt::format("is longer than {} bytes", kTemplateBytesMax));
  }
  if (placeholders_of(content).size() > kPlaceholdersMax) {
    fields.refuse("content", ErrorCode::INVALID_REQUEST,
                  fmt::format("has more than {} placeholders", kPlaceholdersMax));
  }
}

void check_type(JsonFields& fields, const std::string& name) {
  const MessageType* type = find_message_type(name);
  if (type != nullptr && !template_field_of(*type).empty()) return;
  fields.refuse("message_type", ErrorCode::INVALID_MESSAGE_TYPE,
                "is '" + name + "'; templates are for text, image, video and document");
}

// A template of another tenant is none.
Result<TemplateRow> find(store::Database& db, const Caller& caller, const std::string& id) {
  auto row = store::templates::find(db, id);
  if (!row || !caller.sees(row->tenant)) return fail(ErrorCode::TEMPLATE_NOT_FOUND, id);
  return std::move(*row);
}

}  // namespace

void Gateway::create_template(const Caller& caller, std::string body, std::string idempotency_key, Answer answer) {
  auto key = make_idempotency_key(caller, idempotency_key, "POST /v1/templates", body);
  if (!key) return answer(fail(key.error()));
  JsonFields fields(body);
  TemplateRow row;
  row.name = fields.required_text("name");
  check_name(fields, row.name);
  row.content = fields.required_text("content");
  check_content(fields, row.content);
  row.message_type = fields.text("message_type").value_or("text");
  check_type(fields, row.message_type);
  if (fields.error()) return answer(fail(*fields.error()));
  const Time now = impl_->now();
  row.id = new_ordered_id("tpl_", now, impl_->parts.random);
  row.tenant = caller.acting_tenant();
  row.created_at = row.updated_at = now;
  impl_->commit(
      [row, key = *key, now, warnings = fields.warning_headers()](store::Database& db) -> Result<Reply> {
        auto first = find_first_reply(db, key, now);
        if (!first) return fail(first.error());
        if (first->has_value()) return std::move(**first);
        store::tenants::ensure(db, row.tenant, now);
        store::templates::insert(db, row);
        Reply reply = json_reply(201, template_json(row));
        keep_reply(db, key, reply, now);
        add_headers(reply, warnings);
        return reply;
      },
      std::move(answer));
}

Result<Reply> Gateway::list_templates(const Caller& caller, const Query& query) {
  const std::string tenant = caller.sees_every_tenant ? "" : caller.tenant;
  const std::string fingerprint = "templates\n" + tenant;
  const auto wanted = read_optional_page(query, fingerprint, kAllMax);
  if (!wanted) return fail(wanted.error());
  auto page = impl_->parts.readers.get<store::templates::Page>([&](store::Database& db) {
    return store::templates::list(db, tenant, wanted->before, wanted->size);
  });
  if (!page) return fail(page.error());
  Json body = {{"templates", Json::array()}};
  for (const TemplateRow& row : page->rows) body["templates"].push_back(template_json(row));
  if (page->more) body["next_page_token"] = make_page_token(page->rows.back().position, fingerprint);
  body["total_count"] = page->total_count;
  return json_reply(200, body);
}

Result<Reply> Gateway::show_template(const Caller& caller, const std::string& id) {
  Result<TemplateRow> row;
  auto done = impl_->parts.readers.read([&](store::Database& db) { row = find(db, caller, id); });
  if (!done) return fail(done.error());
  if (!row) return fail(row.error());
  return json_reply(200, template_json(*row));
}

void Gateway::update_template(const Caller& caller, const std::string& id, std::string body, Answer answer) {
  JsonFields fields(body);
  fields.require_any({"name", "content", "message_type"});
  const auto name = fields.text("name");
  if (name) fields.require(!name->empty(), "name");
  check_name(fields, name.value_or(""));
  const auto content = fields.text("content");
  if (content) fields.require(!content->empty(), "content");
  check_content(fields, content.value_or(""));
  const auto type = fields.text("message_type");
  if (type) check_type(fields, *type);
  if (fields.error()) return answer(fail(*fields.error()));
  impl_->commit(
      [caller, id, name, content, type, now = impl_->now(),
       warnings = fields.warning_headers()](store::Database& db) -> Result<Reply> {
        auto row = find(db, caller, id);
        if (!row) return fail(row.error());
        row->name = name.value_or(row->name);
        row->content = content.value_or(row->content);
        row->message_type = type.value_or(row->message_type);
        row->updated_at = now;
        store::templates::update(db, *row);
        Reply reply = json_reply(200, template_json(*row));
        add_headers(reply, warnings);
        return reply;
      },
      std::move(answer));
}

void Gateway::delete_template(const Caller& caller, const std::string& id, Answer answer) {
  impl_->commit(
      [caller, id](store::Database& db) -> Result<Reply> {
        const auto row = find(db, caller, id);
        if (!row) return fail(row.error());
        store::templates::erase(db, id);
        return json_reply(200, {{"message", "Template deleted successfully"}});
      },
      std::move(answer));
}

}  // namespace konekwa
