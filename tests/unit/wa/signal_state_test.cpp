#include "daemon/wa/signal/signal_state.h"

#include "tests/unit/wa/signal_parties.h"

#include <catch2/catch.hpp>
#include "proto/signal_wire.pb.h"

using namespace konekwa;
using namespace konekwa::wa;
using namespace konekwa::wa::test;
using Kind = SignalRow::Kind;

namespace {

struct Pair {
  Party alice{Jid::pn("6281234567890", 3), 1};
  Party bob{Jid::lid("100000012345678"), 2};
};

Bytes with_flipped_bit(Bytes bytes, std::size_t at) {
  bytes[at] ^= 0x10;
  return bytes;
}

}  // namespace

TEST_CASE("signal addresses name user, server and device") {
  CHECK(signal_address(Jid::pn("6281234567890")) == "6281234567890.0");
  CHECK(signal_address(Jid::lid("1234", 5)) == "1234_1.5");
  CHECK(signal_address(Jid{"1234", Server::Hosted, 99}) == "1234_128.99");
  CHECK(signal_address(Jid{"1234", Server::HostedLid, 99}) == "1234_129.99");
}

TEST_CASE("enc types have names") {
  CHECK(to_string(EncType::Msg) == "msg");
  CHECK(to_string(EncType::PkMsg) == "pkmsg");
  CHECK(enc_type_from("msg") == EncType::Msg);
  CHECK(enc_type_from("pkmsg") == EncType::PkMsg);
  CHECK(to_string(EncType::SkMsg) == "skmsg");
  CHECK(enc_type_from("skmsg") == EncType::SkMsg);
  CHECK_FALSE(enc_type_from("msmsg"));
}

TEST_CASE("a device identity is sound") {
  konekwa::test::SeededRandom random(7);
  for (int i = 0; i < 20; ++i) {
    const DeviceIdentity device = generate_device_identity(random);
    CHECK(device.registration_id >= 1);
    CHECK(device.registration_id <= 16383);
    CHECK(device.signed_prekey.id == 1);
    CHECK(verify_signed_prekey(device.identity.public_key, device.signed_prekey.key.public_key,
                               device.signed_prekey.signature));
  }
}

TEST_CASE("a bundle starts a ratchet that both sides can use") {
  Pair p;
  const bool with_prekey = GENERATE(true, false);
  if (with_prekey) p.bob.state->generate_prekeys(41, 1);
  const PreKeyBundle bundle = with_prekey ? p.bob.bundle(41) : p.bob.bundle();

  REQUIRE(p.alice.state->start_session(p.bob.jid, bundle));
  const Ciphertext first = p.alice.write(p.bob, "hello");
  CHECK(first.type == EncType::PkMsg);
  CHECK(first.bytes[0] == 0x33);
  CHECK(p.bob.read(p.alice, first) == "hello");

  const Ciphertext answer = p.bob.write(p.alice, "welcome");
  CHECK(answer.type == EncType::Msg);
  CHECK(answer.bytes[0] == 0x33);
  CHECK(p.alice.read(p.bob, answer) == "welcome");
  CHECK(p.alice.write(p.bob, "now").type == EncType::Msg);

  CHECK(p.alice.state->identity_of(p.bob.jid) == p.bob.identity.identity.public_key);
  CHECK(p.bob.state->identity_of(p.alice.jid) == p.alice.identity.identity.public_key);
  CHECK(p.bob.state->remote_registration_id(p.alice.jid) == p.alice.identity.registration_id);
  CHECK(p.alice.state->remote_registration_id(p.bob.jid) == p.bob.identity.registration_id);
  CHECK(p.alice.state->base_key(p.bob.jid) == p.bob.state->base_key(p.alice.jid));
}

TEST_CASE("a pkmsg is sent until the first answer, and each of them opens") {
  Pair p;
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle()));
  for (const char* text : {"one", "two", "three"}) {
    const Ciphertext message = p.alice.write(p.bob, text);
    CHECK(message.type == EncType::PkMsg);
    CHECK(p.bob.read(p.alice, message) == text);
  }
}

TEST_CASE("a conversation goes back and forth") {
  Pair p;
  introduce(p.alice, p.bob);
  for (int i = 0; i < 50; ++i) {
    const std::string text = "message " + std::to_string(i);
    Party& from = i % 3 == 0 ? p.bob : p.alice;
    Party& to = i % 3 == 0 ? p.alice : p.bob;
    CHECK(to.read(from, from.write(to, text)) == text);
  }
}

TEST_CASE("messages open in any order, also across ratchet steps") {
  Pair p;
  introduce(p.alice, p.bob);
  std::vector<std::pair<std::string, Ciphertext>> late;
  for (int step = 0; step < 3; ++step) {
    for (int i = 0; i < 5; ++i) {
      const std::string text = std::to_string(step) + "." + std::to_string(i);
      late.emplace_back(text, p.alice.write(p.bob, text));
    }
    REQUIRE(p.bob.read(p.alice, late.back().second) == late.back().first);
    late.pop_back();
    REQUIRE(p.alice.read(p.bob, p.bob.write(p.alice, "go on")) == "go on");
  }
  std::reverse(late.begin(), late.end());
  for (const auto& [text, message] : late) CHECK(p.bob.read(p.alice, message) == text);
}

TEST_CASE("a message that was read already is a duplicate and changes nothing") {
  Pair p;
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle()));
  const Ciphertext pkmsg = p.alice.write(p.bob, "hello");
  REQUIRE(p.bob.read(p.alice, pkmsg) == "hello");
  REQUIRE(p.alice.read(p.bob, p.bob.write(p.alice, "welcome")) == "welcome");
  const Ciphertext msg = p.alice.write(p.bob, "again");
  REQUIRE(p.bob.read(p.alice, msg) == "again");
  p.bob.commit();

  for (const Ciphertext& message : {pkmsg, msg}) {
    const auto result = p.bob.state->decrypt(p.alice.jid, message.type, message.bytes);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::DUPLICATE);
    CHECK(p.bob.state->take_changes().empty());
  }
}

TEST_CASE("a one-time prekey is gone once its message was read") {
  Pair p;
  p.bob.state->generate_prekeys(5, 2);
  p.bob.commit();
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle(5)));
  const Ciphertext first = p.alice.write(p.bob, "hello");
  REQUIRE(p.bob.read(p.alice, first) == "hello");

  const auto changes = p.bob.state->take_changes();
  CHECK(std::count(changes.begin(), changes.end(), SignalRow{Kind::PreKey, "5", std::nullopt}) == 1);
  CHECK_FALSE(p.bob.state->prekey(5));
  CHECK(p.bob.state->prekey(6));

  Party carol(Jid::pn("6281111111111"), 9);
  PreKeyBundle stale = p.bob.bundle(6);
  stale.prekey->id = 5;
  REQUIRE(carol.state->start_session(p.bob.jid, stale));
  const auto refused = p.bob.state->decrypt(carol.jid, EncType::PkMsg, carol.write(p.bob, "hello").bytes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::PROTOCOL);
  CHECK(refused.error().details == "unknown prekey id");
  CHECK(p.bob.state->take_changes().empty());
}

TEST_CASE("damaged messages are refused and leave nothing to be stored") {
  Pair p;
  p.bob.state->generate_prekeys(1, 1);
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle(1)));
  const bool is_first = GENERATE(true, false);
  if (!is_first) {
    REQUIRE(p.bob.read(p.alice, p.alice.write(p.bob, "hello")) == "hello");
    REQUIRE(p.alice.read(p.bob, p.bob.write(p.alice, "welcome")) == "welcome");
  }
  p.bob.commit();
  const Ciphertext message = p.alice.write(p.bob, "text");
  REQUIRE(message.type == (is_first ? EncType::PkMsg : EncType::Msg));

  const auto is_refused = [&](EncType type, ByteView bytes) {
    const auto result = p.bob.state->decrypt(p.alice.jid, type, bytes);
    return !result && result.error().code == ErrorCode::PROTOCOL && p.bob.state->take_changes().empty();
  };
  // The last 8 octets are the MAC, those before it the ciphertext. Of a pkmsg, registration id and signed prekey id
  // stand behind the inner message: they are not authenticated, so the MAC is found from its own message.
  for (std::size_t size = 0; size < message.bytes.size() - 12; ++size) {
    CHECK(is_refused(message.type, ByteView(message.bytes).first(size)));
  }
  if (!is_first) {
    for (std::size_t at = message.bytes.size() - 20; at < message.bytes.size(); ++at) {
      CHECK(is_refused(message.type, with_flipped_bit(message.bytes, at)));
    }
    CHECK(is_refused(EncType::PkMsg, message.bytes));
  }
  CHECK(p.bob.read(p.alice, message) == "text");
}

TEST_CASE("a pkmsg with a bad MAC keeps prekey, identity and ratchet as they were") {
  Pair p;
  p.bob.state->generate_prekeys(1, 1);
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle(1)));
  const Ciphertext message = p.alice.write(p.bob, "text");
  p.bob.commit();
  proto::PreKeySignalMessage outer;
  REQUIRE(outer.ParseFromArray(message.bytes.data() + 1, static_cast<int>(message.bytes.size() - 1)));
  outer.mutable_message()->back() ^= 1;
  const Bytes forged = concat({Bytes{0x33}, as_bytes(outer.SerializeAsString())});

  const auto result = p.bob.state->decrypt(p.alice.jid, EncType::PkMsg, forged);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::PROTOCOL);
  CHECK(p.bob.state->take_changes().empty());
  CHECK(p.bob.state->prekey(1));
  CHECK_FALSE(p.bob.state->has_session(p.alice.jid));
  CHECK_FALSE(p.bob.state->identity_of(p.alice.jid));
  CHECK(p.bob.read(p.alice, message) == "text");
}

TEST_CASE("without a ratchet there is nothing to encrypt or decrypt with") {
  Pair p;
  Party carol(Jid::pn("6281111111111"), 9);
  introduce(p.alice, p.bob);
  CHECK_FALSE(carol.state->has_session(p.alice.jid));
  CHECK(carol.state->encrypt(p.alice.jid, as_bytes("x")).error().code == ErrorCode::NO_SESSION);
  const auto result = carol.state->decrypt(p.alice.jid, EncType::Msg, p.alice.write(p.bob, "x").bytes);
  CHECK(result.error().code == ErrorCode::NO_SESSION);
  CHECK_FALSE(carol.state->remote_registration_id(p.alice.jid));
  CHECK_FALSE(carol.state->base_key(p.alice.jid));
  CHECK(carol.state->take_changes().empty());
}

TEST_CASE("a bundle that lies about its signed prekey is refused") {
  Pair p;
  PreKeyBundle bundle = p.bob.bundle();
  bundle.signed_prekey_signature[3] ^= 1;
  CHECK(p.alice.state->start_session(p.bob.jid, bundle).error().code == ErrorCode::BAD_SIGNATURE);
  CHECK_FALSE(p.alice.state->has_session(p.bob.jid));
  CHECK(p.alice.state->take_changes().empty());
}

TEST_CASE("a peer who changed phones is trusted and reported") {
  Pair p;
  introduce(p.alice, p.bob);
  CHECK_FALSE(p.bob.state->identity_changed());
  const Ciphertext old_message = p.alice.write(p.bob, "sent before the change");

  Party new_alice(p.alice.jid, 77);
  REQUIRE(new_alice.state->start_session(p.bob.jid, p.bob.bundle()));
  CHECK(p.bob.read(new_alice, new_alice.write(p.bob, "my new phone")) == "my new phone");
  CHECK(p.bob.state->identity_changed());
  CHECK(p.bob.state->identity_of(p.alice.jid) == new_alice.identity.identity.public_key);
  CHECK(new_alice.read(p.bob, p.bob.write(new_alice, "nice")) == "nice");

  CHECK(p.bob.read(new_alice, new_alice.write(p.bob, "thanks")) == "thanks");
  CHECK_FALSE(p.bob.state->identity_changed());
  // The ratchet of the old phone is archived, so what was under way can still be read.
  CHECK(p.bob.read(p.alice, old_message) == "sent before the change");
  CHECK(p.bob.state->identity_of(p.alice.jid) == new_alice.identity.identity.public_key);
}

TEST_CASE("an identity that only the outside of a pkmsg claims is not believed") {
  Pair p;
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle()));
  REQUIRE(p.bob.read(p.alice, p.alice.write(p.bob, "one")) == "one");
  Ciphertext second = p.alice.write(p.bob, "two");
  proto::PreKeySignalMessage outer;
  REQUIRE(outer.ParseFromArray(second.bytes.data() + 1, static_cast<int>(second.bytes.size() - 1)));
  const Party mallory(Jid::pn("6281111111111"), 9);
  outer.set_identity_key(konekwa::to_string(with_type_byte(mallory.identity.identity.public_key)));
  second.bytes = concat({Bytes{0x33}, as_bytes(outer.SerializeAsString())});

  CHECK(p.bob.read(p.alice, second) == "two");
  CHECK_FALSE(p.bob.state->identity_changed());
  CHECK(p.bob.state->identity_of(p.alice.jid) == p.alice.identity.identity.public_key);
}

TEST_CASE("the base key tells that a ratchet was replaced") {
  Pair p;
  introduce(p.alice, p.bob);
  const auto before = p.alice.state->base_key(p.bob.jid);
  REQUIRE(before);
  CHECK(before->size() == 33);
  REQUIRE(p.alice.read(p.bob, p.bob.write(p.alice, "more")) == "more");
  CHECK(p.alice.state->base_key(p.bob.jid) == before);

  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle()));
  CHECK(p.alice.state->base_key(p.bob.jid) != before);
  CHECK(p.alice.write(p.bob, "new").type == EncType::PkMsg);
}

TEST_CASE("a ratchet knows the prekey that it was begun from until the other side answers") {
  Pair p;
  p.bob.state->generate_prekeys(41, 2);
  const PreKeyBundle first = p.bob.bundle(41), second = p.bob.bundle(42);
  CHECK_FALSE(p.alice.state->has_begun_from(p.bob.jid, first));
  REQUIRE(p.alice.state->start_session(p.bob.jid, first));
  CHECK(p.alice.state->has_begun_from(p.bob.jid, first));
  CHECK_FALSE(p.alice.state->has_begun_from(p.bob.jid, second));
  CHECK_FALSE(p.alice.state->has_begun_from(p.bob.jid, p.bob.bundle()));

  REQUIRE(p.alice.state->start_session(p.bob.jid, second));   // the first is kept beside it
  CHECK(p.alice.state->has_begun_from(p.bob.jid, first));
  CHECK(p.alice.state->has_begun_from(p.bob.jid, second));
  PreKeyBundle other_installation = second;
  other_installation.identity = p.alice.identity.identity.public_key;
  CHECK_FALSE(p.alice.state->has_begun_from(p.bob.jid, other_installation));

  CHECK(p.bob.read(p.alice, p.alice.write(p.bob, "hello")) == "hello");
  CHECK(p.alice.read(p.bob, p.bob.write(p.alice, "welcome")) == "welcome");
  CHECK_FALSE(p.alice.state->has_begun_from(p.bob.jid, second));
}

TEST_CASE("both may start at once") {
  Pair p;
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle()));
  REQUIRE(p.bob.state->start_session(p.alice.jid, p.alice.bundle()));
  const Ciphertext from_alice = p.alice.write(p.bob, "me first");
  const Ciphertext from_bob = p.bob.write(p.alice, "no, me");
  CHECK(p.bob.read(p.alice, from_alice) == "me first");
  CHECK(p.alice.read(p.bob, from_bob) == "no, me");
  for (int i = 0; i < 5; ++i) {
    CHECK(p.bob.read(p.alice, p.alice.write(p.bob, "ping")) == "ping");
    CHECK(p.alice.read(p.bob, p.bob.write(p.alice, "pong")) == "pong");
  }
}

TEST_CASE("a ratchet moves to the LID of the same device and goes on") {
  Pair p;
  introduce(p.alice, p.bob);
  const Jid number = p.alice.jid, lid = Jid::lid("200000012345678", number.device);
  p.bob.commit();

  p.bob.state->migrate(number, lid);
  CHECK_FALSE(p.bob.state->has_session(number));
  CHECK_FALSE(p.bob.state->identity_of(number));
  CHECK(p.bob.state->identity_of(lid) == p.alice.identity.identity.public_key);
  CHECK(p.bob.state->take_changes().size() == 4);
  p.alice.jid = lid;
  CHECK(p.bob.read(p.alice, p.alice.write(p.bob, "same ratchet")) == "same ratchet");
  CHECK(p.alice.read(p.bob, p.bob.write(p.alice, "indeed")) == "indeed");
}

TEST_CASE("a ratchet does not move onto another one") {
  Pair p;
  introduce(p.alice, p.bob);
  const Jid number = p.alice.jid, lid = Jid::lid("200000012345678", 3);
  Party other(lid, 5);
  introduce(other, p.bob);
  const auto before = p.bob.state->base_key(lid);
  p.bob.state->take_changes();
  p.bob.state->migrate(number, lid);
  CHECK(p.bob.state->base_key(lid) == before);
  CHECK(p.bob.state->has_session(number));
  p.bob.state->migrate(Jid::pn("6281111111111"), Jid::lid("5"));
  CHECK(p.bob.state->take_changes().empty());
}

TEST_CASE("sessions and identities can be deleted, and set") {
  Pair p;
  introduce(p.alice, p.bob);
  p.bob.commit();
  p.bob.state->delete_session(p.alice.jid);
  p.bob.state->delete_identity(p.alice.jid);
  CHECK_FALSE(p.bob.state->has_session(p.alice.jid));
  const std::string address = signal_address(p.alice.jid);
  CHECK(p.bob.state->take_changes() == std::vector<SignalRow>{{Kind::Session, address, std::nullopt},
                                                              {Kind::Identity, address, std::nullopt}});
  CHECK_FALSE(p.bob.state->has_session(p.alice.jid));  // the row is durable still, and must not come back
  p.bob.state->delete_session(p.alice.jid);
  CHECK(p.bob.state->take_changes().empty());

  p.bob.state->set_identity(p.alice.jid, p.alice.identity.identity.public_key);
  CHECK(p.bob.state->identity_of(p.alice.jid) == p.alice.identity.identity.public_key);
  CHECK(p.bob.state->take_changes().size() == 1);
}

TEST_CASE("a conversation survives a restart after each message") {
  Pair p;
  p.bob.state->generate_prekeys(1, 3);
  p.bob.commit();
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle(2)));
  for (int i = 0; i < 30; ++i) {
    Party& from = i % 4 == 3 ? p.bob : p.alice;
    Party& to = i % 4 == 3 ? p.alice : p.bob;
    const std::string text = "message " + std::to_string(i);
    const Ciphertext message = from.write(to, text);
    from.commit();
    from.restart();
    REQUIRE(to.read(from, message) == text);
    to.commit();
    to.restart();
  }
  CHECK(p.bob.rows.values.count({Kind::PreKey, "1"}) == 1);
  CHECK(p.bob.rows.values.count({Kind::PreKey, "2"}) == 0);
}

TEST_CASE("what was read but not committed can be read again after a crash") {
  Pair p;
  p.bob.state->generate_prekeys(1, 1);
  p.bob.commit();
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle(1)));
  const Ciphertext message = p.alice.write(p.bob, "hello");
  REQUIRE(p.bob.read(p.alice, message) == "hello");
  p.bob.restart();
  CHECK(p.bob.read(p.alice, message) == "hello");
}

TEST_CASE("changes are handed over once, and only real ones") {
  Pair p;
  introduce(p.alice, p.bob);
  CHECK_FALSE(p.alice.state->take_changes().empty());
  CHECK(p.alice.state->take_changes().empty());
  p.alice.state->set_identity(p.bob.jid, p.bob.identity.identity.public_key);
  CHECK(p.alice.state->take_changes().empty());
  p.alice.write(p.bob, "x");
  const auto changes = p.alice.state->take_changes();
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == Kind::Session);
  CHECK(changes[0].key == signal_address(p.bob.jid));
}

TEST_CASE("clean rows are forgotten and read again, dirty ones are kept") {
  Pair p;
  introduce(p.alice, p.bob);
  p.alice.commit();
  p.alice.state->forget_clean();
  const int reads = p.alice.rows.reads;
  CHECK(p.alice.state->has_session(p.bob.jid));
  CHECK(p.alice.rows.reads == reads + 1);
  CHECK(p.alice.state->has_session(p.bob.jid));
  CHECK(p.alice.rows.reads == reads + 1);

  const Ciphertext message = p.alice.write(p.bob, "not committed yet");
  p.alice.state->forget_clean();
  CHECK(p.bob.read(p.alice, message) == "not committed yet");
  CHECK(p.bob.read(p.alice, p.alice.write(p.bob, "next")) == "next");
}

TEST_CASE("without rows everything stays in memory") {
  konekwa::test::SeededRandom random(4);
  SignalState phone(generate_device_identity(random), nullptr, random);
  phone.generate_prekeys(1, 2);
  phone.take_changes();
  phone.forget_clean();
  CHECK(phone.prekey(1));
  SignalState moved = std::move(phone);
  CHECK(moved.prekey(2));
}

TEST_CASE("prekey ids wrap and the keys differ") {
  Pair p;
  const auto prekeys = p.bob.state->generate_prekeys(0xFFFFFE, 4);
  REQUIRE(prekeys.size() == 4);
  CHECK(prekeys[0].id == 0xFFFFFE);
  CHECK(prekeys[1].id == 0xFFFFFF);
  CHECK(prekeys[2].id == 1);
  CHECK(prekeys[3].id == 2);
  CHECK(prekeys[0].key.public_key != prekeys[1].key.public_key);
  CHECK(p.bob.state->prekey(1)->key.private_key == prekeys[2].key.private_key);
  CHECK(p.bob.state->take_changes().size() == 4);

  PreKey own;
  own.id = 9;
  own.key = generate_key_pair(p.bob.random);
  p.bob.state->store_prekey(own);
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle(9)));
  CHECK(p.bob.read(p.alice, p.alice.write(p.bob, "by prekey 9")) == "by prekey 9");
}

TEST_CASE("a damaged record is as good as none, and is replaced by the next pkmsg") {
  Pair p;
  introduce(p.alice, p.bob);
  p.bob.commit();
  const std::pair<Kind, std::string> row{Kind::Session, signal_address(p.alice.jid)};
  const Bytes sound = p.bob.rows.values[row];
  const Ciphertext message = p.alice.write(p.bob, "text");
  REQUIRE(p.alice.state->start_session(p.bob.jid, p.bob.bundle()));
  const Ciphertext pkmsg = p.alice.write(p.bob, "again");

  std::vector<Bytes> damaged = {{}, {0}, Bytes(40, 0xFF), to_bytes("not a record")};
  for (std::size_t at = 0; at < sound.size(); ++at) {
    damaged.push_back(with_flipped_bit(sound, at));
    damaged.push_back(to_bytes(ByteView(sound).first(at)));
  }
  for (const Bytes& record : damaged) {
    p.bob.rows.values[row] = record;
    p.bob.restart();
    const auto result = p.bob.state->decrypt(p.alice.jid, message.type, message.bytes);
    if (!result) {
      CHECK((result.error().code == ErrorCode::NO_SESSION || result.error().code == ErrorCode::PROTOCOL ||
             result.error().code == ErrorCode::DUPLICATE));
      CHECK(p.bob.state->take_changes().empty());
    }
    (void)p.bob.state->encrypt(p.alice.jid, as_bytes("x"));
    p.bob.restart();
    CHECK(p.bob.read(p.alice, pkmsg) == "again");
    CHECK(p.bob.state->has_session(p.alice.jid));
  }
}

TEST_CASE("rows of another form are not keys") {
  Pair p;
  p.bob.rows.values[{Kind::PreKey, "1"}] = Bytes(63);
  p.bob.rows.values[{Kind::Identity, signal_address(p.alice.jid)}] = Bytes(31);
  CHECK_FALSE(p.bob.state->prekey(1));
  CHECK_FALSE(p.bob.state->identity_of(p.alice.jid));
}
