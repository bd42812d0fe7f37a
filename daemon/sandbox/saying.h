// What the owner of a phone tells it to send: one kind of message, as the admin API names it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "daemon/wa/content.h"

namespace konekwa::sandbox {

struct Saying {
  std::string kind = "text";            // as kind_of has it, if a phone can send it
  std::string text;                     // body, caption, question, emoji ("" takes it back), what an edit says
  std::string file;                     // media: the path of the plain file
  std::string mimetype, filename;       // "": of the kind
  std::uint32_t width = 0, height = 0, seconds = 0;
  bool is_view_once = false;
  double latitude = 0, longitude = 0;
  std::string name, address;            // of a location; of a contact: its display name
  std::string vcard;
  std::vector<std::string> options;     // of a poll
  std::uint32_t selectable = 0;
  std::string target;                   // reaction, edit, revoke: the id of a message of the chat
  std::string quote;                    // the id of a message of the chat
  std::vector<std::string> mentions;    // phone numbers
  std::uint32_t expiration_s = 0;       // the chat's timer of disappearing messages
};

bool is_media_kind(const std::string& kind);
// Everything of the content but the uploaded file, the target and the context. INVALID_REQUEST says what is missing.
Result<wa::Content> content_of(const Saying& saying);

// The name of a content's kind, as Saying and the inbox have it: "voice", "location" ...; else its field's name.
std::string kind_of(const wa::Content& content);
// What a person reads of it; an edit's is the new text.
std::string text_of(const wa::Content& content);

}  // namespace konekwa::sandbox
