// The attributes of the stanza around a content. The server drops type "media" without a mediatype silently, so the
// type is media only where a mediatype is known.
#include "daemon/wa/content.h"

namespace konekwa::wa {
namespace {

constexpr const char* kEditMessage = "1";
constexpr const char* kEditPin = "2";
constexpr const char* kEditRevoke = "7";
constexpr const char* kEditRevokeAsAdmin = "8";

StanzaType text() { return {"text", "", "", false, {}}; }
StanzaType media(const char* mediatype) { return {"media", mediatype, "", false, {}}; }
StanzaType hidden(StanzaType type) {
  type.hides_decrypt_failure = true;
  return type;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

const char* mediatype(const MediaContent& media) {
  switch (media.file.kind) {
    case MediaKind::Image: return "image";
    case MediaKind::Video: return media.is_video_note ? "ptv" : media.is_gif ? "gif" : "video";
    case MediaKind::Audio: return media.is_voice ? "ptt" : "audio";
    case MediaKind::Document: return "document";
    case MediaKind::Sticker: return "sticker";
  }
  return "document";
}

StanzaType of_media(const Content& content) {
  StanzaType type = media(mediatype(*content.media));
  if (content.is_view_once) type.meta = {{"view_once", "true"}};
  return type;
}

StanzaType of_choice(const ChoiceReply& choice) {
  if (choice.kind == "button") return media("buttons_response");
  if (choice.kind == "list") return media("list_response");
  return choice.kind == "interactive" ? media("native_flow_response") : text();
}

// Taking back counts as a revoke, of reactions as of messages. Revokes themselves are never hidden: the server drops
// those that are.
StanzaType of_reaction(const Content& content) {
  const bool is_taken_back = content.text.empty() && !content.secret_payload;
  return hidden({"reaction", "", is_taken_back ? kEditRevoke : "", false, {}});
}

StanzaType of_revoke(const Content& content) {
  const bool is_own = content.target && content.target->from_me;
  return {"text", "", is_own ? kEditRevoke : kEditRevokeAsAdmin, false, {}};
}

StanzaType of_pin_or_keep(const Content& content) {
  if (content.type_name != "keep_in_chat") return hidden({"text", "", kEditPin, false, {}});
  const bool is_own_undo = content.is_undone && content.target && content.target->from_me;
  return hidden({"text", "", is_own_undo ? kEditRevoke : "", false, {}});
}

StanzaType of_edit(const Content& content) {
  const std::string use = content.secret_payload ? content.secret_payload->use : "";
  const char* type = use == "Event Edit" ? "event" : use.starts_with("Poll") ? "poll" : "text";
  return hidden({type, "", kEditMessage, false, {}});
}

}  // namespace

StanzaType stanza_type(const Content& content) {
  using Kind = Content::Kind;
  switch (content.kind) {
    case Kind::Text: return content.preview && !is_blank(content.preview->matched_text) ? media("url") : text();
    case Kind::Media: return content.media ? of_media(content) : text();
    case Kind::Location: return media(content.location && content.location->is_live ? "livelocation" : "location");
    case Kind::Contact: return media(content.contacts.size() == 1 ? "vcard" : "contact_array");
    case Kind::Poll: return {"poll", "", "", false, {{"polltype", "creation"}}};
    case Kind::PollVote: return hidden({"poll", "", "", false, {{"polltype", "vote"}}});
    case Kind::Event: return {"event", "", "", false, {{"event_type", "creation"}}};
    case Kind::Choice: return content.choice ? of_choice(*content.choice) : text();
    case Kind::GroupInvite: return media("url");
    case Kind::Reaction: return of_reaction(content);
    case Kind::Edit: return of_edit(content);
    case Kind::Revoke: return of_revoke(content);
    case Kind::PinOrKeep: return of_pin_or_keep(content);
    case Kind::Protocol:
    case Kind::KeyDistribution:
    case Kind::Unsupported: break;
  }
  return text();
}

}  // namespace konekwa::wa
