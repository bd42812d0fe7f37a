#include "daemon/session/own_deeds.h"

#include "common/json.h"
#include "daemon/session/content_fields.h"

#include <nlohmann/json.hpp>

namespace konekwa::session {

void apply_own_deed(store::Database& db, const store::MessageRow& deed, Time at) {
  const bool is_edit = deed.message_type == "edit";
  if ((!is_edit && deed.message_type != "revoke") || deed.fields.empty()) return;
  const Json fields = Json::parse(deed.fields);   // our own
  const std::string id = fields.value("target", Json::object()).value("message_id", std::string());
  const auto target = store::messages::find(db, id);
  if (!target || target->session != deed.session) return;
  if (is_edit) return store::messages::set_edited(db, target->sequence, deed.content, needs_media(*target), at);
  store::messages::set_revoked(db, target->sequence, at);
}

void apply_if_overtaken(store::Database& db, const store::MessageRow& deed, Time receipt_at) {
  if (deed.sent_at == receipt_at) apply_own_deed(db, deed, receipt_at);   // the receipt has stamped both
}

}  // namespace konekwa::session
