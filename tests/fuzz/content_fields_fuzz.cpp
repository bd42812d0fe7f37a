// What users are told of a decrypted message: its row, its JSON, its media, and what is about another message.
// links: konekwa_session konekwa_events
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/events/event_log.h"
#include "daemon/session/content_fields.h"
#include "daemon/session/inbound_changes.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto content = wa::parse_content({data, size});
  if (!content) return 0;
  store::MessageRow row;
  row.id = "msg_1";
  row.chat_id = "6281234567890@s.whatsapp.net";
  session::describe(*content, [](const std::string& jid) { return jid; }, row);
  KONEKWA_ASSERT(!row.message_type.empty());
  KONEKWA_ASSERT(row.fields.empty() || parse_json(row.fields));
  (void)events::message_json(row).dump();
  if (const auto media = session::media_row_of(*content, "ses_1", from_unix_seconds(1'773'137'400))) {
    const wa::MediaFile file = session::media_file_of(*media);
    const std::string url = wa::download_url("https://mmg.whatsapp.net", file);
    KONEKWA_ASSERT(url.empty() || url.starts_with("https://mmg.whatsapp.net/"));
  }
  if (session::is_deed(content->kind)) KONEKWA_ASSERT(content->target && !content->target->id.empty());
  return 0;
}
