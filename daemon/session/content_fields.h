// Between a message's row, which speaks the API's names, and wa::Content, which speaks WhatsApp's. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/error.h"
#include "daemon/store/message_media.h"
#include "daemon/store/messages.h"
#include "daemon/wa/content.h"

namespace konekwa::session {

// An address as users know it: the phone number's form of a LID when that is known.
using Readable = std::function<std::string(const std::string& jid)>;

// What an inbound message says, into message_type, content and fields of its row.
void describe(const wa::Content& content, const Readable& readable, store::MessageRow& row);
// Its media, to be fetched; nothing when there are none or nothing opens them.
std::optional<store::MessageMediaRow> media_row_of(const wa::Content& content, const std::string& session, Time now);
wa::MediaFile media_file_of(const store::MessageMediaRow& row);

// What an outbound row asks for.
bool needs_media(const store::MessageRow& row);
bool wants_link_preview(const store::MessageRow& row);
std::string reply_target(const store::MessageRow& row);            // the id that it answers to, or ""
// MESSAGE_TYPE_UNSUPPORTED: no such type is sent. `media` where needs_media(); `mention` makes a JID of what the user
// wrote, in the addressing of the chat.
using Mention = std::function<std::string(const std::string& written)>;
Result<wa::Content> content_of(const store::MessageRow& row, const store::MessageMediaRow* media,
                               std::optional<wa::Quote> quote, const Mention& mention);

}  // namespace konekwa::session
