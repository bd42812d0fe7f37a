#include "daemon/sandbox/profile_answers.h"

#include "common/utf8.h"
#include "daemon/sandbox/group_nodes.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kAboutMax = 139;             // characters
constexpr int kNotAuthorized = 401;
constexpr int kNotFound = 404;
constexpr int kNotAcceptable = 406;

wa::Node result_with(const wa::Node& iq, wa::Node child) {
  wa::Node result = wa::iq_result(iq);
  result.add(std::move(child));
  return result;
}

wa::Node notification_of(Network& network, const wa::Jid& from, const char* type, wa::Node child) {
  wa::Node notification("notification", {{"from", from}, {"type", type}, {"id", network.new_id()}});
  notification.set_number("t", unix_seconds(network.now()));
  notification.add(std::move(child));
  return notification;
}

// Who knows the account, and its own other devices.
std::vector<Account*> audience_of(Network& network, Account& account) {
  std::vector<Account*> audience = {&account};
  for (const std::string& lid : account.watchers) {
    if (Account* watcher = network.directory.find_lid(lid)) audience.push_back(watcher);
  }
  return audience;
}

// Whose picture an iq is about: an account, or a group that `who` is in.
struct Subject {
  Account* account = nullptr;
  Group* group = nullptr;
  int error = 0;
  wa::Jid owner() const { return group ? group->jid() : account->lid_jid(); }
};

Subject subject_of(Network& network, const Party& who, const wa::Node& iq) {
  const auto target = iq.jid("target");
  if (!iq.has("target")) return {&who.account};
  if (!target) return {nullptr, nullptr, kNotFound};
  if (Account* account = network.directory.find(*target)) return {account};
  Group* group = network.groups.find(*target);
  if (!group) return {nullptr, nullptr, kNotFound};
  const wa::Node* picture = iq.child("picture");
  const bool is_invited = picture && picture->attr("invite") == group->invite_code;
  if (!group->has(who.account.lid) && !is_invited) return {nullptr, nullptr, kNotAuthorized};
  return {nullptr, group};
}

wa::Node refused(const wa::Node& iq, int code) {
  return wa::iq_error(iq, code,
                      code == kNotFound         ? "item-not-found"
                      : code == kNotAuthorized ? "not-authorized"
                                                : "not-acceptable");
}

}  // namespace

wa::Node answer_picture_query(Network& network, const Party& who, const wa::Node& iq) {
  const wa::Node* asked = iq.child("picture");
  const Subject subject = subject_of(network, who, iq);
  if (subject.error != 0) return refused(iq, subject.error);
  const Pictures::Picture* picture = network.pictures.find(subject.owner());
  if (!picture) return refused(iq, kNotFound);
  if (asked && asked->attr("id") == picture->id) return result_with(iq, wa::Node("picture", {{"status", "304"}}));
  const std::string path = Pictures::path_of(*picture);
  return result_with(iq, wa::Node("picture", {{"id", picture->id},
                                              {"type", asked && asked->attr("type") == "image" ? "image" : "preview"},
                                              {"url", network.options.media_base + path},
                                              {"direct_path", path}}));
}

wa::Node answer_picture_change(Network& network, const Party& who, const wa::Node& iq) {
  const Subject subject = subject_of(network, who, iq);
  if (subject.error != 0) return refused(iq, subject.error);
  const bool may_change = subject.group ? !subject.group->is_locked || subject.group->has_admin(who.account.lid)
                                        : subject.account == &who.account;
  if (!may_change) return refused(iq, kNotAuthorized);
  const wa::Node* picture = iq.child("picture");
  const ByteView jpeg = picture ? picture->bytes() : ByteView();
  if (!jpeg.empty() && !Pictures::is_picture(jpeg)) return refused(iq, kNotAcceptable);
  change_picture(network, who, subject.group, jpeg);
  if (jpeg.empty()) return wa::iq_result(iq);
  return result_with(iq, wa::Node("picture", {{"id", network.pictures.find(subject.owner())->id}}));
}

void change_picture(Network& network, const Party& who, Group* group, ByteView jpeg) {
  const wa::Jid owner = group ? group->jid() : who.account.lid_jid();
  const wa::Jid shown = group ? group->jid() : who.account.pn_jid();
  wa::Node change(jpeg.empty() ? "delete" : "set", {{"jid", shown}});
  change.set("author", group ? who.account.jid(group->server()) : who.account.pn_jid());
  if (jpeg.empty()) {
    if (!network.pictures.erase(owner)) return;
  } else {
    change.set("id", network.pictures.set(owner, jpeg, network.now()).id);
  }
  network.keeper.touched();
  const auto audience = group ? accounts_of(network, *group) : audience_of(network, who.account);
  notify(network, audience, notification_of(network, shown, "picture", change), &who.device);
}

wa::Node answer_about_change(Network& network, const Party& who, const wa::Node& iq) {
  const std::string text = iq.first_child()->text();
  if (count_characters(text) > kAboutMax) return refused(iq, kNotAcceptable);
  change_about(network, who, text);
  return wa::iq_result(iq);
}

void change_about(Network& network, const Party& who, const std::string& text) {
  who.account.about = text;
  who.account.about_at = network.now();
  network.keeper.touched();
  const wa::Node news =
      notification_of(network, who.account.pn_jid(), "status", wa::Node("set", {}, to_bytes(text)));
  notify(network, audience_of(network, who.account), news, &who.device);
}

wa::Node answer_timer_query(Network&, const Party& who, const wa::Node& iq) {
  return result_with(iq, timer_node(who.account));
}

// New chats of the account begin with this timer: contacts learn it by a notification or by usync.
wa::Node answer_timer_change(Network& network, const Party& who, const wa::Node& iq) {
  const std::int64_t seconds = iq.first_child() ? iq.first_child()->number("duration").value_or(-1) : -1;
  if (seconds < 0 || seconds > 0xFFFFFFFF) return refused(iq, kNotAcceptable);
  Account& account = who.account;
  account.default_timer_s = static_cast<std::uint32_t>(seconds);
  account.default_timer_at = network.now();
  network.keeper.touched();
  std::vector<Account*> contacts = audience_of(network, account);
  contacts.erase(contacts.begin());
  notify(network, {&account}, notification_of(network, account.pn_jid(), "account_sync", timer_node(account)),
         &who.device);
  notify(network, contacts, notification_of(network, account.pn_jid(), "disappearing_mode", timer_node(account)),
         nullptr);
  return wa::iq_result(iq);
}

wa::Node timer_node(const Account& account) {
  wa::Node timer("disappearing_mode");
  timer.set_number("duration", account.default_timer_s);
  timer.set_number("t", unix_seconds(account.default_timer_at));
  return timer;
}

}  // namespace konekwa::sandbox
