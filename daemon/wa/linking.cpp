#include "daemon/wa/linking.h"

#include "daemon/wa/adv.h"

#include <fmt/format.h>

namespace konekwa::wa {
namespace {

constexpr std::string_view kQrPrefix = "https://wa.me/settings/linked_devices#";
constexpr std::size_t kQrFieldsMin = 4;  // older clients leave out the client type

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<Key> key_from_base64(std::string_view text) {
  const auto bytes = from_base64(text);
  return bytes ? to_array<32>(*bytes) : std::nullopt;
}

// --- answers to <pair-success> ---

struct Refusal {
  int code;
  std::string_view text;
};
constexpr Refusal kHmacMismatch = {401, "hmac-mismatch"};
constexpr Refusal kSignatureMismatch = {401, "signature-mismatch"};
constexpr Refusal kInternalError = {500, "internal-error"};

Node iq_to_server(const std::string& id, const char* type) {
  Node iq("iq");
  iq.set("to", Jid::of_server()).set("type", type).set("id", id);
  return iq;
}

tl::unexpected<PairRefused> refuse(const Node& iq, const Refusal& refusal, ErrorCode code, std::string details) {
  Node answer = iq_to_server(iq.attr("id"), "error");
  Node error("error");
  error.set_number("code", refusal.code).set("text", std::string(refusal.text));
  answer.add(std::move(error));
  return tl::make_unexpected(PairRefused{Error(code, std::move(details)), std::move(answer)});
}

Node pair_device_sign(const std::string& id, std::uint32_t key_index, Bytes container) {
  Node identity("device-identity", {}, std::move(container));
  identity.set_number("key-index", key_index);
  Node sign("pair-device-sign");
  sign.add(std::move(identity));
  Node iq = iq_to_server(id, "result");
  iq.add(std::move(sign));
  return iq;
}

}  // namespace

std::string to_qr_text(const LinkingCode& code) {
  return fmt::format("{}{},{},{},{},{}", kQrPrefix, code.ref, to_base64(code.noise_public),
                     to_base64(code.identity_public), to_base64(code.adv_secret), code.client_type);
}

std::optional<LinkingCode> parse_qr_text(std::string_view text) {
  text = trim(text);
  if (text.starts_with("https://")) {
    const std::size_t hash = text.find('#');
    if (hash == std::string_view::npos) return std::nullopt;
    text.remove_prefix(hash + 1);
  }
  const auto fields = split(text, ',');
  if (fields.size() < kQrFieldsMin || fields[0].empty()) return std::nullopt;
  const auto noise = key_from_base64(fields[1]);
  const auto identity = key_from_base64(fields[2]);
  const auto secret = key_from_base64(fields[3]);
  if (!noise || !identity || !secret) return std::nullopt;
  LinkingCode code{std::string(fields[0]), *noise, *identity, to_bytes(*secret), "1"};
  if (fields.size() > kQrFieldsMin && !fields[4].empty()) code.client_type = fields[4];
  return code;
}

tl::expected<PairSuccess, PairRefused> accept_pair_success(const Node& iq, ByteView adv_secret, const KeyPair& identity,
                                                           Random& random) {
  const Node* success = iq.child("pair-success");
  const Node* container = success ? success->child("device-identity") : nullptr;
  const Node* device = success ? success->child("device") : nullptr;
  const auto jid = device ? device->jid("jid") : std::nullopt;
  if (!container || !jid || !jid->is_person()) {
    return refuse(iq, kInternalError, ErrorCode::PROTOCOL, "pair-success lacks the device identity or the jid");
  }
  const auto details = open_adv_hmac(container->bytes(), adv_secret);
  if (!details) {
    const bool is_damaged = details.error().code == ErrorCode::PROTOCOL;
    return refuse(iq, is_damaged ? kInternalError : kHmacMismatch, details.error().code, details.error().details);
  }
  auto account = AdvAccount::parse(*details);
  if (!account) return refuse(iq, kInternalError, ErrorCode::PROTOCOL, account.error().details);
  if (!account->verify_account_signature(identity.public_key)) {
    return refuse(iq, kSignatureMismatch, ErrorCode::BAD_SIGNATURE, "the account signature of pair-success");
  }
  account->sign_as_device(identity, random);

  PairSuccess result;
  result.iq_id = iq.attr("id");
  result.jid = *jid;
  result.lid = device->jid("lid").value_or(Jid());
  if (const Node* platform = success->child("platform")) result.platform = platform->attr("name");
  if (const Node* business = success->child("biz")) result.business_name = business->attr("name");
  result.account = account->serialize();
  result.account_identity = account->account_identity;
  result.key_index = account->key_index;
  result.answer = pair_device_sign(result.iq_id, result.key_index, account->serialize_without_key());
  return result;
}

Bytes device_identity_content(ByteView account) { return to_bytes(account); }

Node make_pair_success(const LinkingCode& code, const KeyPair& account_identity, const LinkedDevice& device,
                       const Jid& jid, const Jid& lid, const std::string& iq_id, Time now, Random& random) {
  const AdvAccount account = AdvAccount::vouch(account_identity, code.identity_public, device, random);
  Node success("pair-success");
  success.add(Node("device-identity", {}, seal_adv_hmac(account.serialize(), code.adv_secret)));
  success.add(Node("device", {{"jid", jid}, {"lid", lid}}));
  success.add(Node("platform", {{"name", std::string("android")}}));
  Node iq("iq");
  iq.set("from", Jid::of_server()).set("type", "set").set("id", iq_id).set("xmlns", "md");
  iq.set_number("t", unix_seconds(now));
  iq.add(std::move(success));
  return iq;
}

Result<Bytes> check_pair_device_sign(const Node& answer, const Key& companion_identity, const Key& account_identity) {
  const Node* sign = answer.child("pair-device-sign");
  const Node* identity = sign ? sign->child("device-identity") : nullptr;
  if (!identity) return fail(ErrorCode::PROTOCOL, "no device-identity in pair-device-sign");
  auto account = AdvAccount::parse(identity->bytes(), account_identity);
  if (!account) return fail(account.error());
  if (identity->number("key-index") != account->key_index) {
    return fail(ErrorCode::PROTOCOL, "key-index is not what was sent");
  }
  const Bytes container = account->serialize();
  if (const auto checked = check_device_identity(container, companion_identity, account_identity); !checked) {
    return fail(checked.error());
  }
  return container;
}

Result<> check_device_identity(ByteView container, const Key& companion_identity, const Key& account_identity) {
  const auto account = AdvAccount::parse(container);
  if (!account) return fail(account.error());
  if (account->account_identity != account_identity) return fail(ErrorCode::BAD_SIGNATURE, "another account's");
  if (!account->verify_account_signature(companion_identity)) {
    return fail(ErrorCode::BAD_SIGNATURE, "account signature");
  }
  if (!account->verify_device_signature(companion_identity)) return fail(ErrorCode::BAD_SIGNATURE, "device signature");
  return {};
}

}  // namespace konekwa::wa
