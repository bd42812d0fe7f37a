// Decrypted messages: padding, content of every kind, its quotes and edits, and what is written of it again.
#include "daemon/wa/content.h"

using namespace konekwa;

namespace {

bool is_sent(const wa::Content& content) {
  using Kind = wa::Content::Kind;
  const bool is_encrypted_edit = content.kind == Kind::Edit && content.secret_payload;
  return content.kind != Kind::Protocol && content.kind != Kind::KeyDistribution && content.kind != Kind::Unsupported &&
         !is_encrypted_edit;
}

void check_again(const wa::Content& content) {
  const auto again = wa::parse_content(content.message);
  KONEKWA_ASSERT(again && again->kind == content.kind && again->text == content.text);
  (void)wa::parse_content(wa::quoted_form(content.message));
  (void)wa::stanza_type(content);
}

// Text of businesses has a name; it is sent as plain text or as media.
void check_sent(const wa::Content& content) {
  if (!is_sent(content)) return;
  const auto sent = wa::parse_content(wa::encode_content(content, content.message_secret));
  KONEKWA_ASSERT(sent && sent->kind == content.kind && sent->message_secret == content.message_secret);
  const bool has_context = content.kind == wa::Content::Kind::Text || content.kind == wa::Content::Kind::Media;
  KONEKWA_ASSERT(!has_context || sent->context.mentions == content.context.mentions);
}

void check_nested(const wa::Content& content) {
  if (content.context.quote) (void)wa::parse_content(content.context.quote->message);
  (void)wa::parse_content(content.edited);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto content = wa::parse_content(input)) {
    check_again(*content);
    check_sent(*content);
    check_nested(*content);
  }
  if (const auto message = wa::unpad(input)) (void)wa::parse_content(*message);
  (void)wa::parse_poll_vote(input);
  (void)wa::parse_reaction(input);
  return 0;
}
