#include "daemon/session/chat_timers.h"

#include "daemon/store/chat_timers.h"

namespace konekwa::session {
namespace {

using Kind = wa::Content::Kind;

// ProtocolMessage.Type
constexpr int kEphemeralSetting = 3, kEphemeralSyncResponse = 4;

bool is_setting(const wa::Content& content) {
  return content.kind == Kind::Protocol &&
         (content.protocol_type == kEphemeralSetting || content.protocol_type == kEphemeralSyncResponse);
}

bool has_context(Kind kind) {
  return kind == Kind::Text || kind == Kind::Media || kind == Kind::Location || kind == Kind::Contact;
}

}  // namespace

// A message without a timer says nothing: programs that do not know of timers write such ones too.
void ChatTimers::learn(const wa::Jid& chat, const wa::Content& content, store::WriteBatch& batch) {
  if (!chat.is_person() || (!is_setting(content) && content.context.expiration_s == 0)) return;
  const store::ChatTimer timer{content.context.expiration_s, content.context.expiration_set_at_s};
  batch.run([session = link_.session, name = to_string(link_.device.addresses().canonical(chat.user_jid())),
             timer](store::Database& db) { store::chat_timers::put(db, session, name, timer); });
}

void ChatTimers::put(const wa::Jid& chat, wa::Content& content) {
  if (!has_context(content.kind)) return;
  if (chat.server == wa::Server::Group) {
    const wa::Group* group = link_.device.groups().find(chat);
    content.context.expiration_s = group ? group->ephemeral_s : 0;
    return;
  }
  AddressBook& book = link_.device.addresses();
  // It may have been learned under the number, before the LID was.
  for (const wa::Jid& name : {book.canonical(chat.user_jid()), book.phone_form(chat)}) {
    const auto timer = link_.env.readers.get<std::optional<store::ChatTimer>>(
        [&](store::Database& db) { return store::chat_timers::find(db, link_.session, to_string(name)); });
    if (!timer || !*timer) continue;
    content.context.expiration_s = (*timer)->seconds;
    if ((*timer)->seconds > 0) content.context.expiration_set_at_s = (*timer)->set_at_s;
    return;
  }
}

}  // namespace konekwa::session
