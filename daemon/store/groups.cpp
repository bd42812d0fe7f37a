#include "daemon/store/groups.h"

#include "daemon/store/words.h"

namespace konekwa::store {
namespace {

struct Flag {
  std::string_view word;
  bool GroupRow::*member;
};
constexpr Flag kFlags[] = {
    {"lids", &GroupRow::uses_lids},
    {"announcement", &GroupRow::is_announcement},
    {"locked", &GroupRow::is_locked},
    {"approval", &GroupRow::needs_approval},
    {"members_add", &GroupRow::members_may_add},
    {"community", &GroupRow::is_community},
    {"community_announcement", &GroupRow::is_community_announcement},
    {"suspended", &GroupRow::is_suspended},
};

std::string flags_of(const GroupRow& row) {
  std::vector<std::string> words;
  for (const Flag& flag : kFlags) {
    if (row.*flag.member) words.emplace_back(flag.word);
  }
  return join_words(words);
}

void set_flags(GroupRow& row, const std::string& text) {
  for (const std::string& word : split_words(text)) {
    for (const Flag& flag : kFlags) {
      if (flag.word == word) row.*flag.member = true;
    }
  }
}

#define KONEKWA_GROUP_COLUMNS                                                                           \
  "jid, subject, description, description_id, owner, owner_alternate, community, flags, ephemeral_s, size," \
  " created_at, subject_at, fetched_at"

GroupRow group_from(const std::string& session, const Row& row) {
  GroupRow out;
  int column = 0;
  const auto text = [&] { return row.text(column++); };
  out.session = session;
  out.jid = text();
  out.subject = text();
  out.description = text();
  out.description_id = text();
  out.owner = text();
  out.owner_alternate = text();
  out.community = text();
  set_flags(out, text());
  out.ephemeral_s = static_cast<std::uint32_t>(row.integer(column++));
  out.size = row.integer(column++);
  out.created_at = row.optional_time(column++);
  out.subject_at = row.optional_time(column++);
  out.fetched_at = row.optional_time(column++);
  return out;
}

void put_members(Database& db, const GroupRow& row) {
  db.execute("DELETE FROM group_members WHERE session = ? AND \"group\" = ?", {row.session, row.jid});
  std::int64_t position = 0;
  for (const GroupMemberRow& member : row.members) {
    db.execute("INSERT INTO group_members VALUES (?, ?, ?, ?, ?, ?)",
               {row.session, row.jid, position++, member.jid, member.alternate, member.role});
  }
}

}  // namespace

namespace groups {

void put(Database& db, const GroupRow& row) {
  db.execute(
      "INSERT INTO groups (session, " KONEKWA_GROUP_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (session, jid) DO UPDATE SET subject = excluded.subject, description = excluded.description,"
      " description_id = excluded.description_id, owner = excluded.owner, owner_alternate = excluded.owner_alternate,"
      " community = excluded.community, flags = excluded.flags, ephemeral_s = excluded.ephemeral_s,"
      " size = excluded.size, created_at = excluded.created_at, subject_at = excluded.subject_at,"
      " fetched_at = excluded.fetched_at",
      {row.session, row.jid, row.subject, row.description, row.description_id, row.owner, row.owner_alternate,
       row.community, flags_of(row), row.ephemeral_s, row.size, row.created_at, row.subject_at, row.fetched_at});
  put_members(db, row);
}

std::optional<GroupRow> find(Database& db, const std::string& session, const std::string& jid) {
  std::optional<GroupRow> out;
  db.query_one("SELECT " KONEKWA_GROUP_COLUMNS " FROM groups WHERE session = ? AND jid = ?", {session, jid},
               [&](const Row& row) { out = group_from(session, row); });
  if (!out) return out;
  db.query("SELECT jid, alternate, role FROM group_members WHERE session = ? AND \"group\" = ? ORDER BY position",
           {session, jid},
           [&](const Row& row) { out->members.push_back({row.text(0), row.text(1), row.text(2)}); });
  return out;
}

std::vector<GroupRow> list(Database& db, const std::string& session) {
  std::vector<GroupRow> out;
  db.query("SELECT " KONEKWA_GROUP_COLUMNS " FROM groups WHERE session = ? ORDER BY subject, jid", {session},
           [&](const Row& row) { out.push_back(group_from(session, row)); });
  return out;
}

void set_stale(Database& db, const std::string& session, const std::string& jid) {
  db.execute("UPDATE groups SET fetched_at = NULL WHERE session = ? AND jid = ?", {session, jid});
}

void erase(Database& db, const std::string& session, const std::string& jid) {
  db.execute("DELETE FROM groups WHERE session = ? AND jid = ?", {session, jid});
  db.execute("DELETE FROM sender_key_holders WHERE session = ? AND \"group\" = ?", {session, jid});
}

void erase_others(Database& db, const std::string& session, const std::vector<std::string>& kept) {
  db.execute("DELETE FROM groups WHERE session = ? AND jid NOT IN (SELECT value FROM json_each(?))",
             {session, json_list(kept)});
}

std::set<std::string> key_holders(Database& db, const std::string& session, const std::string& group) {
  std::set<std::string> out;
  db.query("SELECT device FROM sender_key_holders WHERE session = ? AND \"group\" = ?", {session, group},
           [&](const Row& row) { out.insert(row.text(0)); });
  return out;
}

void set_key_holders(Database& db, const std::string& session, const std::string& group,
                     const std::set<std::string>& devices) {
  db.execute("DELETE FROM sender_key_holders WHERE session = ? AND \"group\" = ?", {session, group});
  for (const std::string& device : devices) {
    db.execute("INSERT INTO sender_key_holders VALUES (?, ?, ?)", {session, group, device});
  }
}

void forget_key_holder(Database& db, const std::string& session, const std::string& device) {
  db.execute("DELETE FROM sender_key_holders WHERE session = ? AND device = ?", {session, device});
}

}  // namespace groups

namespace message_receipts {

void set_audience(Database& db, const std::string& session, const std::string& wa_message_id, std::int64_t people) {
  db.execute("UPDATE messages SET audience = ? WHERE session = ? AND wa_message_id = ? AND outbound = 1",
             {people, session, wa_message_id});
}

bool add_delivered(Database& db, std::int64_t message, const std::string& reader, Time at) {
  const bool is_new = db.execute("INSERT INTO message_receipts (message, reader, delivered_at) VALUES (?, ?, ?)"
                                 " ON CONFLICT DO NOTHING",
                                 {message, reader, at}) > 0;
  if (is_new) {
    db.execute("UPDATE messages SET receipts_delivered = receipts_delivered + 1 WHERE sequence = ?", {message});
  }
  return is_new;
}

bool add_read(Database& db, std::int64_t message, const std::string& reader, Time at) {
  add_delivered(db, message, reader, at);
  const bool is_new =
      db.execute("UPDATE message_receipts SET read_at = ? WHERE message = ? AND reader = ? AND read_at IS NULL",
                 {at, message, reader}) > 0;
  if (is_new) db.execute("UPDATE messages SET receipts_read = receipts_read + 1 WHERE sequence = ?", {message});
  return is_new;
}

}  // namespace message_receipts
}  // namespace konekwa::store
