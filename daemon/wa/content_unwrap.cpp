// Messages inside of messages: view once, disappearing, a document with caption and many more.
#include "daemon/wa/content_parts.h"

#include "proto/e2e.pb.h"

namespace konekwa::wa::content_parts {
namespace {

constexpr int kWrappersMax = 8;

enum class Mark { None, ViewOnce, Ephemeral };

struct Wrapper {
  int field;
  Mark mark;
  bool (proto::Message::*has)() const;
  const proto::FutureProofMessage& (proto::Message::*get)() const;
};

#define KONEKWA_WRAPPER(number, mark, name) \
  { number, Mark::mark, &proto::Message::has_##name, &proto::Message::name }

constexpr Wrapper kWrappers[] = {
    KONEKWA_WRAPPER(40, Ephemeral, ephemeral_message),
    KONEKWA_WRAPPER(37, ViewOnce, view_once_message),
    KONEKWA_WRAPPER(55, ViewOnce, view_once_message_v2),
    KONEKWA_WRAPPER(59, ViewOnce, view_once_message_v2_extension),
    KONEKWA_WRAPPER(53, None, document_with_caption_message),
    KONEKWA_WRAPPER(58, None, edited_message),
    KONEKWA_WRAPPER(62, None, group_mentioned_message),
    KONEKWA_WRAPPER(67, None, bot_invoke_message),
    KONEKWA_WRAPPER(74, None, lottie_sticker_message),
    KONEKWA_WRAPPER(85, None, event_cover_image),
    KONEKWA_WRAPPER(87, None, status_mention_message),
    KONEKWA_WRAPPER(90, None, poll_creation_option_image_message),
    KONEKWA_WRAPPER(91, None, associated_child_message),
    KONEKWA_WRAPPER(92, None, group_status_mention_message),
    KONEKWA_WRAPPER(93, None, poll_creation_message_v4),
    KONEKWA_WRAPPER(95, None, status_add_yours),
    KONEKWA_WRAPPER(96, None, group_status_message),
    KONEKWA_WRAPPER(99, None, limit_sharing_message),
    KONEKWA_WRAPPER(100, None, bot_task_message),
    KONEKWA_WRAPPER(101, None, question_message),
    KONEKWA_WRAPPER(103, None, group_status_message_v2),
    KONEKWA_WRAPPER(104, None, bot_forwarded_message),
    KONEKWA_WRAPPER(106, None, question_reply_message),
    KONEKWA_WRAPPER(116, None, newsletter_admin_profile_message),
    KONEKWA_WRAPPER(118, None, spoiler_message),
    KONEKWA_WRAPPER(126, None, newsletter_admin_profile_status_message),
    KONEKWA_WRAPPER(131, None, bot_platform_registration_success_message),
};

#undef KONEKWA_WRAPPER

const Wrapper* wrapper_of(const proto::Message& message) {
  for (const Wrapper& wrapper : kWrappers) {
    if ((message.*wrapper.has)()) return &wrapper;
  }
  return nullptr;
}

void take_secret(const proto::Message& message, Bytes& secret) {
  const std::string& found = message.message_context_info().message_secret();
  if (found.size() == kSecretSize) secret = to_bytes(found);
}

}  // namespace

Unwrapped unwrap(const proto::Message& message) {
  Unwrapped out;
  out.message = &message;
  take_secret(message, out.secret);
  for (int i = 0; i < kWrappersMax; ++i) {
    const Wrapper* wrapper = wrapper_of(*out.message);
    if (!wrapper) break;
    out.wrapper = wrapper->field;
    out.is_view_once |= wrapper->mark == Mark::ViewOnce;
    out.is_ephemeral |= wrapper->mark == Mark::Ephemeral;
    out.message = &(out.message->*wrapper->get)().message();
    take_secret(*out.message, out.secret);
  }
  return out;
}

}  // namespace konekwa::wa::content_parts
