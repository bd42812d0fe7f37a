// What is encrypted under a key of another message's secret: votes, reactions, edits. As in WhatsApp Web.
#include "daemon/wa/content.h"
#include "daemon/wa/keys.h"
#include "daemon/wa/proto_bytes.h"
#include "daemon/wa/utf8.h"

#include "proto/e2e.pb.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kIvSize = 12;
constexpr std::size_t kHashSize = 32;
constexpr int kOptionsMax = 100;

struct Parent {
  ByteView secret;
  const std::string& id;
  const std::string& author;
  const std::string& actor;
};

Key key_for(const std::string& use, const Parent& parent) {
  const std::string info = parent.id + parent.author + parent.actor + use;
  const Bytes key = hkdf_sha256(parent.secret, {}, info, std::tuple_size_v<Key>);
  return *to_array<std::tuple_size_v<Key>>(key);
}

Bytes authenticated(const std::string& use, const Parent& parent) {
  if (use != "Poll Vote" && use != "Event Response") return {};
  static constexpr std::uint8_t kZero[] = {0};
  return concat({as_bytes(parent.id), kZero, as_bytes(parent.actor)});
}

// Added options are encrypted for an own use in WhatsApp Web and for that of edits elsewhere.
std::vector<std::string> uses_of(const std::string& use) {
  if (use == "Poll Add Option") return {use, "Poll Edit"};
  return {use};
}

}  // namespace

Result<Bytes> open_secret_payload(const SecretPayload& payload, ByteView parent_secret, const std::string& parent_id,
                                  const std::string& parent_author, const std::string& actor) {
  if (payload.iv.size() != kIvSize) return fail(ErrorCode::PROTOCOL, "a secret payload without a nonce");
  if (parent_secret.empty()) return fail(ErrorCode::PROTOCOL, "the message has no secret");
  const Parent parent{parent_secret, parent_id, parent_author, actor};
  for (const std::string& use : uses_of(payload.use)) {
    auto plain = aes_gcm_open(key_for(use, parent), payload.iv, authenticated(use, parent), payload.payload);
    if (plain) return plain;
  }
  return fail(ErrorCode::PROTOCOL, "a secret payload does not authenticate");
}

SecretPayload seal_secret_payload(const std::string& use, ByteView plain, ByteView parent_secret,
                                  const std::string& parent_id, const std::string& parent_author,
                                  const std::string& actor, Random& random) {
  const Parent parent{parent_secret, parent_id, parent_author, actor};
  const Bytes iv = random.bytes(kIvSize);
  return {use, aes_gcm_seal(key_for(use, parent), iv, authenticated(use, parent), plain), iv};
}

std::vector<Bytes> parse_poll_vote(ByteView plain) {
  proto::PollVoteMessage vote;
  if (!parse(plain, vote)) return {};
  std::vector<Bytes> hashes;
  for (const std::string& hash : vote.selected_options()) {
    if (hash.size() == kHashSize && hashes.size() < kOptionsMax) hashes.push_back(to_bytes(hash));
  }
  return hashes;
}

Bytes encode_poll_vote(const std::vector<Bytes>& option_hashes) {
  proto::PollVoteMessage vote;
  for (const Bytes& hash : option_hashes) vote.add_selected_options(field(hash));
  return serialize(vote);
}

Bytes poll_option_hash(const std::string& option) { return sha256(as_bytes(option)); }

Result<std::string> parse_reaction(ByteView plain) {
  proto::ReactionMessage reaction;
  if (!parse(plain, reaction)) return fail(ErrorCode::PROTOCOL, "the reaction is not a ReactionMessage");
  if (!is_utf8(reaction.text())) return fail(ErrorCode::PROTOCOL, "the reaction is not UTF-8");
  return reaction.text();
}

}  // namespace konekwa::wa
