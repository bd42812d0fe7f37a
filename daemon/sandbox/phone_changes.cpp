// What messages say of others and do to them: quotes, mentions, reactions, edits, revokes.
#include "daemon/sandbox/phone.h"

namespace konekwa::sandbox {
namespace {

bool has_target(wa::Content::Kind kind) {
  return kind == wa::Content::Kind::Reaction || kind == wa::Content::Kind::Edit || kind == wa::Content::Kind::Revoke;
}

template <class Messages>
auto find_id(Messages& messages, const std::string& id, const std::string& author) {
  return std::find_if(messages.begin(), messages.end(),
                      [&](const auto& one) { return one.seen.id == id && one.seen.from == author; });
}

void react(std::map<std::string, std::string>& reactions, const std::string& who, const std::string& emoji) {
  if (emoji.empty()) {
    reactions.erase(who);
  } else {
    reactions[who] = emoji;
  }
}

}  // namespace

std::optional<Phone::Known> Phone::find_message(const std::string& id) const {
  for (const SentMessage& one : record_.sent) {
    if (one.id == id) return Known{&account_, one.message};
  }
  for (const ReceivedMessage& one : record_.inbox) {
    if (one.seen.id != id) continue;
    const Account* author = network_.directory.find_number(one.seen.from);
    if (author) return Known{author, one.message.empty() ? wa::encode_text(one.seen.text) : one.message};
  }
  return std::nullopt;
}

Result<> Phone::refer(const Saying& saying, const Account& chat, wa::Content& content) const {
  if (has_target(content.kind)) {
    const auto target = find_message(saying.target);
    if (!target) return fail(ErrorCode::MESSAGE_NOT_FOUND, "target: " + saying.target);
    content.target = wa::MessageKey{to_string(chat.lid_jid()), target->author == &account_, saying.target, {}};
  }
  if (!saying.quote.empty()) {
    const auto quoted = find_message(saying.quote);
    if (!quoted) return fail(ErrorCode::MESSAGE_NOT_FOUND, "quote: " + saying.quote);
    content.context.quote =
        wa::Quote{saying.quote, to_string(quoted->author->lid_jid()), {}, wa::quoted_form(quoted->message)};
  }
  for (const std::string& number : saying.mentions) {
    const Account* person = network_.directory.find_number(number);
    if (!person) return fail(ErrorCode::NOT_FOUND, "mentions: there is no account " + number);
    content.context.mentions.push_back(to_string(person->lid_jid()));
  }
  return {};
}

void Phone::apply(const Decrypted& decrypted, const Account& sender) {
  const wa::Content& content = decrypted.content;
  if (!content.target || !has_target(content.kind)) return;
  // Edits and revokes are for messages of one's own; a reaction may be for either side's.
  const std::string& id = content.target->id;
  if (content.kind == wa::Content::Kind::Reaction) {
    for (ReceivedMessage& one : record_.inbox) {
      if (one.seen.id == id) react(one.reactions, sender.number, content.text);
    }
    for (SentMessage& one : record_.sent) {
      if (one.id == id) react(one.reactions, sender.number, content.text);
    }
    return;
  }
  const auto found = find_id(record_.inbox, id, sender.number);
  if (found == record_.inbox.end()) return;
  if (content.kind == wa::Content::Kind::Revoke) {
    found->is_revoked = true;
    return;
  }
  found->is_edited = true;
  found->seen.text = text_of(content);
}

}  // namespace konekwa::sandbox
