#include "daemon/sandbox/group_json.h"

#include <nlohmann/json.hpp>

namespace konekwa::sandbox {

Json describe_group(const Group& group) {
  Json members = Json::array();
  for (const GroupMember& one : group.members) members.push_back({one.lid, static_cast<int>(one.rank)});
  Json requests = Json::object();
  for (const auto& [lid, at] : group.requests) requests[lid] = unix_ms(at);
  Json invitations = Json::object();
  for (const auto& [lid, one] : group.invitations) invitations[lid] = {one.code, unix_ms(one.expires_at)};
  Json json = {{"id", group.id},
               {"is_lid_addressed", group.is_lid_addressed},
               {"creator", group.creator_lid},
               {"created_at", unix_ms(group.created_at)},
               {"subject", group.subject},
               {"subject_author", group.subject_author_lid},
               {"subject_at", unix_ms(group.subject_at)},
               {"is_announcement", group.is_announcement},
               {"is_locked", group.is_locked},
               {"may_all_add", group.may_all_add},
               {"needs_approval", group.needs_approval},
               {"requests", requests},
               {"invitations", invitations},
               {"ephemeral_s", group.ephemeral_s},
               {"invite_code", group.invite_code},
               {"old_codes", group.old_codes},
               {"members", members},
               {"removed", group.removed_lids}};
  if (const auto& one = group.description) {
    json["description"] = {
        {"id", one->id}, {"text", one->text}, {"author", one->author_lid}, {"at", unix_ms(one->at)}};
  }
  return json;
}

Group restore_group(const Json& json) {
  Group group;
  group.id = json.at("id").get<std::string>();
  group.is_lid_addressed = json.at("is_lid_addressed").get<bool>();
  group.creator_lid = json.at("creator").get<std::string>();
  group.created_at = from_unix_ms(json.at("created_at").get<std::int64_t>());
  group.subject = json.at("subject").get<std::string>();
  group.subject_author_lid = json.at("subject_author").get<std::string>();
  group.subject_at = from_unix_ms(json.at("subject_at").get<std::int64_t>());
  group.is_announcement = json.at("is_announcement").get<bool>();
  group.is_locked = json.at("is_locked").get<bool>();
  group.may_all_add = json.at("may_all_add").get<bool>();
  group.ephemeral_s = json.at("ephemeral_s").get<std::uint32_t>();
  group.invite_code = json.at("invite_code").get<std::string>();
  group.old_codes = json.at("old_codes").get<std::set<std::string>>();
  group.removed_lids = json.at("removed").get<std::set<std::string>>();
  group.needs_approval = json.value("needs_approval", false);
  const Json requests = json.value("requests", Json::object());
  for (const auto& [lid, at] : requests.items()) group.requests[lid] = from_unix_ms(at.get<std::int64_t>());
  const Json invitations = json.value("invitations", Json::object());
  for (const auto& [lid, one] : invitations.items()) {
    group.invitations[lid] = {one.at(0).get<std::string>(), from_unix_ms(one.at(1).get<std::int64_t>())};
  }
  for (const Json& one : json.at("members")) {
    group.members.push_back({one.at(0).get<std::string>(), static_cast<GroupMember::Rank>(one.at(1).get<int>())});
  }
  if (const auto found = json.find("description"); found != json.end()) {
    group.description = {found->at("id").get<std::string>(), found->at("text").get<std::string>(),
                         found->at("author").get<std::string>(),
                         from_unix_ms(found->at("at").get<std::int64_t>())};
  }
  return group;
}

}  // namespace konekwa::sandbox
