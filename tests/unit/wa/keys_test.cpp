#include "daemon/wa/keys.h"

#include <catch2/catch.hpp>
#include <signal/curve.h>
#include <signal/signal_protocol.h>

#include "daemon/wa/signal/openssl_provider.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/wa/known_keys.h"

using namespace konekwa;
using namespace konekwa::wa;
using konekwa::test::SeededRandom;
using konekwa::wa::test::known_key;

namespace {

Key repeated(std::uint8_t octet) {
  Key key;
  key.fill(octet);
  return key;
}

std::string hex(ByteView octets) { return to_hex(octets); }

class LibsignalContext {
 public:
  LibsignalContext() {
    REQUIRE(signal_context_create(&context_, nullptr) == 0);
    install_openssl_provider(context_, random_);
  }
  ~LibsignalContext() { signal_context_destroy(context_); }
  LibsignalContext(const LibsignalContext&) = delete;
  LibsignalContext& operator=(const LibsignalContext&) = delete;

  Bytes sign(const Key& private_key, ByteView message) {
    ec_private_key* key = nullptr;
    REQUIRE(curve_decode_private_point(&key, private_key.data(), private_key.size(), context_) == 0);
    signal_buffer* buffer = nullptr;
    REQUIRE(curve_calculate_signature(context_, &buffer, key, message.data(), message.size()) == 0);
    Bytes out(signal_buffer_data(buffer), signal_buffer_data(buffer) + signal_buffer_len(buffer));
    signal_buffer_free(buffer);
    SIGNAL_UNREF(key);
    return out;
  }

  bool verify(const Key& public_key, ByteView message, ByteView signature) {
    const auto typed = with_type_byte(public_key);
    ec_public_key* key = nullptr;
    REQUIRE(curve_decode_point(&key, typed.data(), typed.size(), context_) == 0);
    const int verdict =
        curve_verify_signature(key, message.data(), message.size(), signature.data(), signature.size());
    SIGNAL_UNREF(key);
    return verdict == 1;
  }

 private:
  SystemRandom random_;
  signal_context* context_ = nullptr;
};

}  // namespace

TEST_CASE("public keys of the known private keys") {
  const std::pair<std::uint8_t, const char*> known[] = {
      {1, "a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209"},
      {2, "ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59"},
      {3, "5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22"},
      {4, "ac01b2209e86354fb853237b5de0f4fab13c7fcbf433a61c019369617fecf10b"},
  };
  for (const auto& [octet, expected] : known) CHECK(hex(known_key(octet).public_key) == expected);
}

TEST_CASE("both sides agree on a secret, but not with a point of low order") {
  SeededRandom random(1);
  const auto a = generate_key_pair(random), b = generate_key_pair(random);
  CHECK(agree(a.private_key, b.public_key).value() == agree(b.private_key, a.public_key).value());
  const auto refused = agree(a.private_key, Key{});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::BAD_SIGNATURE);
}

TEST_CASE("signatures verify here and in libsignal, in both directions") {
  LibsignalContext libsignal;
  SeededRandom random(2);
  int with_sign_bit = 0;
  for (int i = 0; i < 40; ++i) {
    const auto pair = generate_key_pair(random);
    const auto message = random.bytes(static_cast<std::size_t>(i) * 7);
    const auto ours = sign(pair.private_key, message, random);
    const auto theirs = libsignal.sign(pair.private_key, message);
    CHECK(verify(pair.public_key, message, ours));
    CHECK(verify(pair.public_key, message, theirs));
    CHECK(libsignal.verify(pair.public_key, message, ours));
    with_sign_bit += ours[63] >> 7;

    // The sign belongs to the key, so both put the same one; with the other one the signature is another key's.
    CHECK((ours[63] & 0x80) == (theirs[63] & 0x80));
    auto flipped = ours;
    flipped[63] ^= 0x80;
    CHECK_FALSE(verify(pair.public_key, message, flipped));
  }
  CHECK(with_sign_bit > 5);
  CHECK(with_sign_bit < 35);
}

TEST_CASE("a signature is of one key, one message, and of 64 octets") {
  SeededRandom random(3);
  const auto pair = generate_key_pair(random), other = generate_key_pair(random);
  auto signature = sign(pair.private_key, as_bytes("text"), random);
  CHECK_FALSE(verify(pair.public_key, as_bytes("Text"), signature));
  CHECK_FALSE(verify(other.public_key, as_bytes("text"), signature));
  CHECK_FALSE(verify(pair.public_key, as_bytes("text"), ByteView(signature).first(63)));
  CHECK_FALSE(verify(pair.public_key, as_bytes("text"), {}));
  signature[5] ^= 1;
  CHECK_FALSE(verify(pair.public_key, as_bytes("text"), signature));
}

TEST_CASE("keys that are no points do not verify anything") {
  Key minus_one;  // u = p - 1, which no Edwards point corresponds to
  minus_one.fill(0xff);
  minus_one[0] = 0xec;
  minus_one[31] = 0x7f;
  for (const auto& key : {Key{}, minus_one, repeated(0xff)}) CHECK_FALSE(verify(key, as_bytes("x"), Signature{}));
}

TEST_CASE("signed prekeys are signed with their type octet") {
  SeededRandom random(4);
  const auto identity = generate_key_pair(random);
  const auto prekey = generate_signed_prekey(identity, 7, random);
  CHECK(prekey.id == 7);
  CHECK(verify_signed_prekey(identity.public_key, prekey.key.public_key, prekey.signature));
  CHECK_FALSE(verify(identity.public_key, prekey.key.public_key, prekey.signature));
}

TEST_CASE("keys are read with and without their type octet") {
  const auto key = repeated(9);
  CHECK(strip_type_byte(key) == key);
  CHECK(strip_type_byte(with_type_byte(key)) == key);
  auto wrong = with_type_byte(key);
  wrong[0] = 4;
  CHECK_FALSE(strip_type_byte(wrong));
  CHECK_FALSE(strip_type_byte(ByteView(key).first(31)));
}

TEST_CASE("hashes give the published answers") {
  CHECK(hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha1(as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(md5(as_bytes("abc"))) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hex(md5({})) == "d41d8cd98f00b204e9800998ecf8427e");
  // RFC 4231, case 2.
  CHECK(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("HKDF gives the published answers") {
  // RFC 5869, cases 1 and 3.
  const Bytes ikm(22, 0x0b);
  const auto info = *from_hex("f0f1f2f3f4f5f6f7f8f9");
  CHECK(hex(hkdf_sha256(ikm, *from_hex("000102030405060708090a0b0c"), as_text(info), 42)) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(hex(hkdf_sha256(ikm, {}, {}, 42)) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("AES-GCM gives the published answer, and opens only what was sealed") {
  const Bytes iv(12);
  CHECK(hex(aes_gcm_seal(Key{}, iv, {}, Bytes(16))) ==
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  CHECK(hex(aes_gcm_seal(Key{}, iv, {}, {})) == "530f8afbc74536b9a963b4f1c4cb738b");

  const auto key = repeated(7);
  const auto sealed = aes_gcm_seal(key, iv, as_bytes("aad"), as_bytes("text"));
  CHECK(aes_gcm_open(key, iv, as_bytes("aad"), sealed) == to_bytes("text"));
  CHECK_FALSE(aes_gcm_open(key, iv, as_bytes("aaa"), sealed));
  CHECK_FALSE(aes_gcm_open(repeated(8), iv, as_bytes("aad"), sealed));
  CHECK_FALSE(aes_gcm_open(key, iv, as_bytes("aad"), ByteView(sealed).first(15)));
  CHECK_FALSE(aes_gcm_open(key, iv, as_bytes("aad"), ByteView(sealed).first(19)));
}
