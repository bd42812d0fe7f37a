#include "daemon/session/restrictions.h"

#include "common/json.h"

#include <nlohmann/json.hpp>

namespace konekwa::session {
namespace {

Json read(store::Database& db, const std::string& session) {
  const auto row = store::sessions::find(db, session);
  return row && !row->restrictions.empty() ? Json::parse(row->restrictions) : Json::array();   // our own
}

Json without(const Json& all, const std::string& type) {
  Json out = Json::array();
  for (const Json& one : all) {
    if (one["type"] != type) out.push_back(one);
  }
  return out;
}

void write(store::Database& db, const std::string& session, const Json& all) {
  store::sessions::set_restrictions(db, session, all.empty() ? "" : all.dump());
}

bool ends_later(const Json& all, const std::string& type, Time now) {
  return std::any_of(all.begin(), all.end(), [&](const Json& one) {
    const auto until = from_rfc3339(one.value("until", std::string()));
    return one["type"] == type && until && *until > now;
  });
}

}  // namespace

void put_restriction(store::Database& db, const std::string& session, const Restriction& restriction, Time now) {
  const Json all = read(db, session);
  if (!restriction.until && ends_later(all, restriction.type, now)) return;
  Json one = {{"type", restriction.type}};
  if (restriction.until) one["until"] = to_rfc3339(*restriction.until);
  one["applies_to"] = restriction.applies_to;
  if (restriction.wa_code != 0) one["wa_code"] = restriction.wa_code;
  one["since"] = to_rfc3339(now);
  Json changed = without(all, restriction.type);
  changed.push_back(std::move(one));
  write(db, session, changed);
}

void lift_restriction(store::Database& db, const std::string& session, const std::string& type) {
  const Json all = read(db, session);
  const Json left = without(all, type);
  if (left.size() != all.size()) write(db, session, left);
}

}  // namespace konekwa::session
