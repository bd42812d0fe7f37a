#include "daemon/wa/linking.h"

#include "daemon/wa/adv.h"
#include "tests/support/seeded_random.h"

#include <catch2/catch.hpp>
#include "proto/adv.pb.h"

using namespace konekwa;
using namespace konekwa::wa;

namespace {

const Time kNow = from_unix_seconds(1700000000);
const Jid kJid = Jid::pn("6281234567890", 7);
const Jid kLid = Jid::lid("100000012345678", 7);

// A companion that shows a code, and the phone that scans it.
struct Linking {
  Linking() {
    code.ref = "2@abc/def+ghi=";
    code.noise_public = generate_key_pair(random).public_key;
    code.identity_public = companion.public_key;
    code.adv_secret = random.bytes(32);
  }
  Node pair_success() {
    const LinkedDevice device{.raw_id = 77, .key_index = 3, .linked_at = kNow};
    return make_pair_success(code, phone, device, kJid, kLid, "iq-1", kNow, random);
  }
  auto accept(const Node& iq) { return accept_pair_success(iq, code.adv_secret, companion, random); }

  konekwa::test::SeededRandom random{11};
  KeyPair companion = generate_key_pair(random);
  KeyPair phone = generate_key_pair(random);
  LinkingCode code;
};

Node* find(Node& node, std::string_view tag) {
  if (node.tag == tag) return &node;
  if (auto* children = std::get_if<Node::Children>(&node.content)) {
    for (Node& child : *children) {
      if (Node* found = find(child, tag)) return found;
    }
  }
  return nullptr;
}

template <class T>
T parsed(ByteView bytes) {
  T message;
  REQUIRE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return message;
}

Bytes serialized(const google::protobuf::MessageLite& message) { return to_bytes(message.SerializeAsString()); }

// Changes what is inside of the HMAC, and seals it again as only the phone could.
template <class F>
Node with_changed_container(Node iq, ByteView secret, F change) {
  Node& identity = *find(iq, "device-identity");
  auto sealed = parsed<proto::AdvSignedDeviceIdentityHmac>(identity.bytes());
  auto container = parsed<proto::AdvSignedDeviceIdentity>(as_bytes(sealed.details()));
  change(container);
  identity.content = seal_adv_hmac(serialized(container), secret);
  return iq;
}

}  // namespace

TEST_CASE("a QR text says what the code holds") {
  Linking l;
  const std::string text = to_qr_text(l.code);
  CHECK(text.starts_with("https://wa.me/settings/linked_devices#2@abc/def+ghi=,"));
  CHECK(text.ends_with(",1"));
  const auto read = parse_qr_text(text);
  REQUIRE(read);
  CHECK(read->ref == l.code.ref);
  CHECK(read->noise_public == l.code.noise_public);
  CHECK(read->identity_public == l.code.identity_public);
  CHECK(read->adv_secret == l.code.adv_secret);
  CHECK(read->client_type == "1");
}

TEST_CASE("QR texts of other clients are read too") {
  Linking l;
  const std::string text = to_qr_text(l.code);
  const std::string bare = text.substr(text.find('#') + 1);
  CHECK(parse_qr_text(bare));
  CHECK(parse_qr_text(" " + bare + "\n"));
  CHECK(parse_qr_text(bare + ",more"));
  const auto four = parse_qr_text(bare.substr(0, bare.rfind(',')));
  REQUIRE(four);
  CHECK(four->client_type == "1");
  CHECK(parse_qr_text(bare.substr(0, bare.rfind(',')) + ",7")->client_type == "7");
}

TEST_CASE("other texts are no linking codes") {
  Linking l;
  const std::string bare = to_qr_text(l.code).substr(to_qr_text(l.code).find('#') + 1);
  CHECK_FALSE(parse_qr_text(""));
  CHECK_FALSE(parse_qr_text("https://example.org/"));
  CHECK_FALSE(parse_qr_text("a,b,c,d,e"));
  CHECK_FALSE(parse_qr_text(bare.substr(bare.find(','))));
  CHECK_FALSE(parse_qr_text("ref,AAAA,AAAA,AAAA,1"));
}

TEST_CASE("both ends agree on a new companion") {
  Linking l;
  const Node iq = l.pair_success();
  CHECK(iq.jid("from") == Jid::of_server());
  CHECK(iq.attr("type") == "set");

  const auto accepted = l.accept(iq);
  REQUIRE(accepted);
  CHECK(accepted->iq_id == "iq-1");
  CHECK(accepted->jid == kJid);
  CHECK(accepted->lid == kLid);
  CHECK(accepted->platform == "android");
  CHECK(accepted->business_name.empty());
  CHECK(accepted->account_identity == l.phone.public_key);
  CHECK(accepted->key_index == 3);

  const Node& answer = accepted->answer;
  CHECK(answer.jid("to") == Jid::of_server());
  CHECK(answer.attr("type") == "result");
  CHECK(answer.attr("id") == "iq-1");
  const Node& identity = *answer.child("pair-device-sign")->child("device-identity");
  CHECK(identity.attr("key-index") == "3");
  CHECK_FALSE(parsed<proto::AdvSignedDeviceIdentity>(identity.bytes()).has_account_signature_key());

  const auto container = check_pair_device_sign(answer, l.companion.public_key, l.phone.public_key);
  REQUIRE(container);
  CHECK(*container == accepted->account);
  CHECK(check_device_identity(device_identity_content(accepted->account), l.companion.public_key, l.phone.public_key));
}

TEST_CASE("the answer of a client that leaves the account key in is accepted") {
  Linking l;
  auto accepted = l.accept(l.pair_success());
  REQUIRE(accepted);
  find(accepted->answer, "device-identity")->content = accepted->account;
  CHECK(check_pair_device_sign(accepted->answer, l.companion.public_key, l.phone.public_key));
}

TEST_CASE("a business account says its name") {
  Linking l;
  Node iq = l.pair_success();
  find(iq, "pair-success")->add(Node("biz", {{"name", std::string("Toko Maju")}}));
  CHECK(l.accept(iq)->business_name == "Toko Maju");
}

TEST_CASE("pair-success is refused with the code that WhatsApp expects") {
  Linking l;
  const auto refused = [&](const Node& iq, const std::string& code, const std::string& text) {
    const auto result = l.accept(iq);
    if (result) return false;
    const Node& refusal = result.error().refusal;
    const Node* error = refusal.child("error");
    return refusal.attr("type") == "error" && refusal.attr("id") == "iq-1" && refusal.jid("to") == Jid::of_server() &&
           error && error->attr("code") == code && error->attr("text") == text;
  };

  SECTION("a wrong secret") {
    l.code.adv_secret[0] ^= 1;
    const Node iq = l.pair_success();
    l.code.adv_secret[0] ^= 1;
    CHECK(refused(iq, "401", "hmac-mismatch"));
  }
  SECTION("a container that was changed on the way") {
    Node iq = l.pair_success();
    Bytes& sealed = std::get<Bytes>(find(iq, "device-identity")->content);
    sealed[10] ^= 1;
    CHECK(refused(iq, "401", "hmac-mismatch"));
  }
  SECTION("octets that are no container") {
    Node iq = l.pair_success();
    find(iq, "device-identity")->content = to_bytes("garbage");
    CHECK(refused(iq, "500", "internal-error"));
  }
  SECTION("an account signature over another identity") {
    const Key other = generate_key_pair(l.random).public_key;
    LinkingCode code = l.code;
    code.identity_public = other;
    const Node iq = make_pair_success(code, l.phone, {77, 3, kNow}, kJid, kLid, "iq-1", kNow, l.random);
    CHECK(refused(iq, "401", "signature-mismatch"));
  }
  SECTION("changed details") {
    const Node iq = with_changed_container(l.pair_success(), l.code.adv_secret, [](auto& container) {
      auto details = parsed<proto::AdvDeviceIdentity>(as_bytes(container.details()));
      details.set_key_index(4);
      container.set_details(details.SerializeAsString());
    });
    CHECK(refused(iq, "401", "signature-mismatch"));
  }
  SECTION("an account key of another length") {
    const Node iq = with_changed_container(l.pair_success(), l.code.adv_secret,
                                           [](auto& container) { container.set_account_signature_key("short"); });
    CHECK(refused(iq, "500", "internal-error"));
  }
  SECTION("no account signature") {
    const Node iq = with_changed_container(l.pair_success(), l.code.adv_secret,
                                           [](auto& container) { container.clear_account_signature(); });
    CHECK(refused(iq, "500", "internal-error"));
  }
  SECTION("no jid") {
    Node iq = l.pair_success();
    find(iq, "device")->erase("jid");
    CHECK(refused(iq, "500", "internal-error"));
  }
  SECTION("no device identity") {
    Node iq = l.pair_success();
    find(iq, "device-identity")->tag = "other";
    CHECK(refused(iq, "500", "internal-error"));
  }
}

TEST_CASE("a hosted account signs with other prefixes") {
  Linking l;
  // The container as a hosted account makes it: prefix 06 05 for the account's signature and for the HMAC.
  const Bytes prefix = {6, 5};
  proto::AdvDeviceIdentity details;
  details.set_key_index(3);
  details.set_device_type(1);
  proto::AdvSignedDeviceIdentity container;
  container.set_details(details.SerializeAsString());
  container.set_account_signature_key(konekwa::to_string(l.phone.public_key));
  const Bytes statement = concat({prefix, as_bytes(container.details()), l.companion.public_key});
  container.set_account_signature(konekwa::to_string(sign(l.phone.private_key, statement, l.random)));
  proto::AdvSignedDeviceIdentityHmac sealed;
  sealed.set_account_type(1);
  sealed.set_details(container.SerializeAsString());
  sealed.set_hmac(konekwa::to_string(hmac_sha256(l.code.adv_secret, concat({prefix, as_bytes(sealed.details())}))));
  Node iq = l.pair_success();
  find(iq, "device-identity")->content = serialized(sealed);
  CHECK(l.accept(iq));
}

TEST_CASE("the HMAC has the value that other clients compute") {
  const Bytes secret(32, 9);
  proto::AdvSignedDeviceIdentityHmac sealed;
  sealed.set_details("details");
  sealed.set_hmac(konekwa::to_string(*from_hex("c3892dd54095530b9c72617a6d36648accf3622c70097f4576d6e958030b495a")));
  CHECK(open_adv_hmac(serialized(sealed), secret));
  CHECK(seal_adv_hmac(as_bytes("details"), secret) == serialized(sealed));
  sealed.set_account_type(1);
  CHECK(open_adv_hmac(serialized(sealed), secret).error().code == ErrorCode::BAD_SIGNATURE);
  sealed.set_hmac(konekwa::to_string(*from_hex("41d829f4d89ccd239d4f62d3e194bc6790d797057b91f86094c8fb75124fb173")));
  CHECK(open_adv_hmac(serialized(sealed), secret));
}

TEST_CASE("an answer of a companion that does not fit is refused") {
  Linking l;
  auto accepted = l.accept(l.pair_success());
  REQUIRE(accepted);
  Node answer = accepted->answer;
  Node& identity = *find(answer, "device-identity");
  const auto code_of = [&] {
    const auto result = check_pair_device_sign(answer, l.companion.public_key, l.phone.public_key);
    return result ? ErrorCode::INTERNAL_ERROR : result.error().code;
  };
  auto container = parsed<proto::AdvSignedDeviceIdentity>(identity.bytes());

  SECTION("another device signature") {
    container.mutable_device_signature()->at(5) ^= 1;
    identity.content = serialized(container);
    CHECK(code_of() == ErrorCode::BAD_SIGNATURE);
  }
  SECTION("no device signature") {
    container.clear_device_signature();
    identity.content = serialized(container);
    CHECK(code_of() == ErrorCode::BAD_SIGNATURE);
  }
  SECTION("other details") {
    container.mutable_details()->back() ^= 1;
    identity.content = serialized(container);
    CHECK(code_of() != ErrorCode::INTERNAL_ERROR);
  }
  SECTION("another account") {
    container.set_account_signature_key(konekwa::to_string(generate_key_pair(l.random).public_key));
    identity.content = serialized(container);
    CHECK(code_of() == ErrorCode::BAD_SIGNATURE);
  }
  SECTION("another key index") {
    identity.set("key-index", "4");
    CHECK(code_of() == ErrorCode::PROTOCOL);
  }
  SECTION("nothing inside") {
    answer = Node("iq");
    CHECK(code_of() == ErrorCode::PROTOCOL);
  }
  SECTION("another companion") {
    const Key other = generate_key_pair(l.random).public_key;
    CHECK_FALSE(check_pair_device_sign(answer, other, l.phone.public_key));
    CHECK_FALSE(check_device_identity(accepted->account, other, l.phone.public_key));
    CHECK_FALSE(check_device_identity(accepted->account, l.companion.public_key, other));
    CHECK_FALSE(check_device_identity(as_bytes("x"), l.companion.public_key, l.phone.public_key));
  }
}

TEST_CASE("a key index list names the phone and the companions, and is signed") {
  Linking l;
  const Bytes list = make_key_index_list(l.phone, 77, {3, 9, 5}, kNow, l.random);
  const auto indexes = read_key_index_list(list);
  REQUIRE(indexes);
  CHECK(indexes->current == 9);
  CHECK(indexes->valid == std::vector<std::uint32_t>{0, 3, 9, 5});
  CHECK(indexes->allows(5));
  CHECK(indexes->allows(10));
  CHECK_FALSE(indexes->allows(4));

  const auto signed_list = parsed<proto::AdvSignedKeyIndexList>(list);
  const auto details = parsed<proto::AdvKeyIndexList>(as_bytes(signed_list.details()));
  CHECK(details.raw_id() == 77);
  CHECK(details.timestamp() == 1700000000);
  CHECK(verify(l.phone.public_key, concat({Bytes{6, 2}, as_bytes(signed_list.details())}),
               as_bytes(signed_list.account_signature())));
  CHECK(read_key_index_list(make_key_index_list(l.phone, 77, {}, kNow, l.random))->current == 0);
  CHECK_FALSE(read_key_index_list(as_bytes("garbage")));
  CHECK_FALSE(read_key_index_list({}));
}
