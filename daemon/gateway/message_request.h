// The body of POST /v1/messages, read and checked: which fields a message type needs, what they may hold, and the text
// that a template makes. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "daemon/store/templates.h"

namespace konekwa {

inline constexpr std::size_t kContentBytesMax = 65'536;
inline constexpr std::size_t kFilenameBytesMax = 255;
inline constexpr std::size_t kCaptionCharactersMax = 1'024;   // longer ones are warned about

// The documented types. The second: may a template be rendered into it, and into which field?
struct MessageType {
  std::string_view name;
  bool takes_media_url, takes_caption, takes_filename;
  bool takes_mentions() const { return name == "text" || takes_caption; }
};
const MessageType* find_message_type(std::string_view name);   // null: there is no such type
std::string template_field_of(const MessageType& type);        // "content", "caption", or "": it takes no template

struct MessageRequest {
  std::string session, recipient, message_type, content, client_reference, template_id;
  std::map<std::string, std::string> placeholder_values;
  std::map<std::string, std::string> texts;                    // caption, media_url, filename, vcard_data, name, ...
  std::optional<double> latitude, longitude;
  std::optional<bool> voice, link_preview;
  std::vector<std::string> contacts;                           // vCards
  std::vector<std::string> mentions;                           // as they were written; then by resolve_mentions
  std::string reply_to;                                        // an id of ours or of WhatsApp's; then ours
  std::string upload;                                          // the id in a media_url of an upload
  std::optional<Time> send_at;                                 // nothing when it is not in the future
  Time expires_at{};
  std::vector<std::pair<std::string, std::string>> warnings;   // headers

  std::string fields_json() const;                             // what store::MessageRow::fields holds
};

Result<MessageRequest> read_message_request(const std::string& body, Time now);

// Normalises the mentions, as a recipient is. INVALID_RECIPIENT names the one that is none.
Result<> resolve_mentions(MessageRequest& request, std::string_view default_country);

// Renders the template into the request. TEMPLATE_TYPE_MISMATCH, MISSING_PLACEHOLDER (which names all of them), or
// INVALID_REQUEST when the text becomes too long.
Result<> apply_template(MessageRequest& request, const store::TemplateRow& row);

}  // namespace konekwa
