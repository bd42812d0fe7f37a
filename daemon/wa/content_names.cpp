#include "daemon/wa/content_names.h"

#include <string_view>

namespace konekwa::wa {
namespace {

struct Name {
  int field;
  std::string_view name;
};

constexpr Name kNames[] = {
    {3, "image"},
    {4, "contact"},
    {5, "location"},
    {7, "document"},
    {8, "audio"},
    {9, "video"},
    {10, "call"},
    {11, "chat"},
    {13, "contacts_array"},
    {14, "highly_structured"},
    {16, "send_payment"},
    {18, "live_location"},
    {22, "request_payment"},
    {23, "decline_payment_request"},
    {24, "cancel_payment_request"},
    {25, "template"},
    {26, "sticker"},
    {28, "group_invite"},
    {29, "template_button_reply"},
    {30, "product"},
    {36, "list"},
    {38, "order"},
    {39, "list_response"},
    {41, "invoice"},
    {42, "buttons"},
    {43, "buttons_response"},
    {44, "payment_invite"},
    {45, "interactive"},
    {46, "reaction"},
    {47, "sticker_sync"},
    {48, "interactive_response"},
    {49, "poll_creation"},
    {50, "poll_update"},
    {51, "keep_in_chat"},
    {54, "request_phone_number"},
    {56, "enc_reaction"},
    {60, "poll_creation"},
    {61, "scheduled_call_creation"},
    {63, "pin_in_chat"},
    {64, "poll_creation"},
    {65, "scheduled_call_edit"},
    {66, "ptv"},
    {69, "call_log"},
    {70, "message_history_bundle"},
    {71, "enc_comment"},
    {72, "bcall"},
    {75, "event"},
    {76, "enc_event_response"},
    {77, "comment"},
    {78, "newsletter_admin_invite"},
    {80, "placeholder"},
    {82, "secret_encrypted"},
    {83, "album"},
    {85, "event_cover_image"},
    {86, "sticker_pack"},
    {87, "status_mention"},
    {88, "poll_result_snapshot"},
    {90, "poll_creation_option_image"},
    {91, "associated_child"},
    {92, "group_status_mention"},
    {93, "poll_creation"},
    {95, "status_add_yours"},
    {96, "group_status"},
    {97, "rich_response"},
    {98, "status_notification"},
    {99, "limit_sharing"},
    {100, "bot_task"},
    {101, "question"},
    {102, "message_history_notice"},
    {103, "group_status"},
    {104, "bot_forwarded"},
    {105, "status_question_answer"},
    {106, "question_reply"},
    {107, "question_response"},
    {109, "status_quoted"},
    {110, "status_sticker_interaction"},
    {111, "poll_creation"},
    {113, "newsletter_follower_invite"},
    {114, "poll_result_snapshot"},
    {115, "poll_result_snapshot"},
    {116, "newsletter_admin_profile"},
    {118, "spoiler"},
    {119, "poll_creation"},
    {120, "conditional_reveal"},
    {121, "poll_add_option"},
    {122, "event_invite"},
    {123, "group_root_key_share"},
    {124, "payment_reminder"},
    {125, "split_payment"},
    {127, "root_secret_distribute"},
    {128, "split_payment_update"},
    {129, "music"},
    {130, "status_link_preview"},
};

}  // namespace

std::string content_name(int field) {
  for (const Name& name : kNames) {
    if (name.field == field) return std::string(name.name);
  }
  return "unknown_" + std::to_string(field);
}

}  // namespace konekwa::wa
