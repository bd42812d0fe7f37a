#include "daemon/wa/media.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <numeric>

#include "tests/support/temp_dir.h"

using namespace konekwa;
using namespace konekwa::wa;

// The expected octets are those of Python's `cryptography`: HKDF, AES-CBC and PKCS #7 of another make.
namespace {

const std::string kText = "Apa kabar, Konekwa?";
const std::string kTextHash = "01388f577ea8f60063b853b179b33644ae75d7f454e6baf38ded56ba524671a6";

Bytes media_key() {
  Bytes key(32);
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  return key;
}

struct Files {
  konekwa::test::TempDir folder;
  std::string plain = folder.file("plain"), encrypted = folder.file("encrypted"), again = folder.file("again");

  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::string& path, ByteView octets) {
    std::ofstream(path, std::ios::binary) << konekwa::to_string(octets);
  }
  static bool exists(const std::string& path) { return std::ifstream(path).good(); }

  Result<EncryptedFile> encrypt(std::string_view text, MediaKind kind) const {
    write(plain, as_bytes(text));
    return encrypt_file(plain, encrypted, kind, media_key());
  }
  // What decrypting says of these octets; no file may be left when it is an error.
  Result<std::uint64_t> decrypt(ByteView octets, const MediaFile& file) const {
    write(encrypted, octets);
    const auto length = decrypt_file(encrypted, again, file);
    CHECK(exists(again) == length.has_value());
    return length;
  }
  std::string refusal(ByteView octets, const MediaFile& file) const {
    const auto length = decrypt(octets, file);
    REQUIRE_FALSE(length);
    CHECK(length.error().code == ErrorCode::PROTOCOL);
    return length.error().details;
  }
};

MediaFile opened_with(const EncryptedFile& made, MediaKind kind) {
  MediaFile file;
  file.kind = kind;
  file.media_key = made.media_key;
  file.sha256 = made.sha256;
  file.enc_sha256 = made.enc_sha256;
  return file;
}

struct KnownFile {
  MediaKind kind;
  std::string encrypted, enc_sha256;
};
const KnownFile kImage = {MediaKind::Image,
                          "f836688b8f1f49709e4f7da5e894e927a62c697c8761989713d020cbf260c7f0cc16ec41f63ae5d24155",
                          "b6f745afafb1c613402608736c539cee46f56be9fdb6838850dbe1511b465cee"};
const KnownFile kKnownFiles[] = {
    kImage,
    {MediaKind::Sticker, kImage.encrypted, kImage.enc_sha256},
    {MediaKind::Video, "5ced28af7da57f805a346dbd8fc90a8202aad586a2bc6b0d4f4add9fbf10b15bea219276f068d922e693",
     "b7249b59d87a68c047f7d492f5f281b1aab03a762e65b4dc855feff1ba34630d"},
    {MediaKind::Audio, "0517b5410f0b1f5c3c4d4e385d6c80b5fa782d39b8d4aae96ecfdba68149ac11f75566defffa16492c42",
     "5ab4ec180b9165943b0e29c03833d59d3b472b85490d1dc92a2310ef54d54ca8"},
    {MediaKind::Document, "6d16b61031ffb299deb6b25baa310d95eb300d88ed5ecafc93fffcb84b62269f89d975bb43e37f0b2964",
     "fa8e283888535ae99b58f51417e2b12c77ba6ef40fd2f8b9b4de001b6426288a"},
};

MediaFile known_media(const KnownFile& known) {
  MediaFile file;
  file.kind = known.kind;
  file.media_key = media_key();
  file.sha256 = *from_hex(kTextHash);
  file.enc_sha256 = *from_hex(known.enc_sha256);
  return file;
}

}  // namespace

TEST_CASE("media kinds have names", "[media]") {
  for (const char* name : {"image", "video", "audio", "document", "sticker"}) {
    REQUIRE(media_kind_from(name));
    CHECK(to_string(*media_kind_from(name)) == name);
  }
  CHECK_FALSE(media_kind_from("gif"));
  CHECK_FALSE(media_kind_from(""));
}

TEST_CASE("files are encrypted as others do it, by the key of their kind", "[media]") {
  for (const KnownFile& known : kKnownFiles) {
    INFO(to_string(known.kind));
    const Files files;
    const auto made = files.encrypt(kText, known.kind);
    REQUIRE(made);
    CHECK(to_hex(as_bytes(Files::read(files.encrypted))) == known.encrypted);
    CHECK(made->media_key == media_key());
    CHECK(to_hex(made->sha256) == kTextHash);
    CHECK(to_hex(made->enc_sha256) == known.enc_sha256);
    CHECK(made->length == kText.size());
    CHECK(made->encrypted_length == 42);
  }
}

TEST_CASE("files that others encrypted are opened", "[media]") {
  for (const KnownFile& known : kKnownFiles) {
    INFO(to_string(known.kind));
    const Files files;
    CHECK(files.decrypt(*from_hex(known.encrypted), known_media(known)) == kText.size());
    CHECK(Files::read(files.again) == kText);
  }
}

TEST_CASE("an empty file is one block and a MAC", "[media]") {
  const Files files;
  const auto made = files.encrypt("", MediaKind::Image);
  REQUIRE(made);
  CHECK(to_hex(as_bytes(Files::read(files.encrypted))) == "d86dbcfed371684274c26215fc53dc72cb480389e6f95d2b38d9");
  CHECK(decrypt_file(files.encrypted, files.again, opened_with(*made, MediaKind::Image)) == 0u);
  CHECK(Files::exists(files.again));
}

TEST_CASE("a file of several blocks comes out as others make it", "[media]") {
  const Files files;
  std::string large(200'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>((i * 7 + i / 251) % 256);
  const auto made = files.encrypt(large, MediaKind::Video);
  REQUIRE(made);
  CHECK(made->encrypted_length == 200'026);
  CHECK(to_hex(made->sha256) == "e870fec3223bac8f6147b08b31e6e6e4bb9abd783820bcd212b7737af6a02174");
  CHECK(to_hex(made->enc_sha256) == "5b5d796359ce7394030fe8422d405eb9f76c7db6e6675480fa8dc0827cc57f7e");
  CHECK(decrypt_file(files.encrypted, files.again, opened_with(*made, MediaKind::Video)) == large.size());
  CHECK(Files::read(files.again) == large);
}

TEST_CASE("lengths around the cipher's and the reader's blocks go round", "[media]") {
  for (const std::size_t length : {1u, 15u, 16u, 17u, 65'535u, 65'536u, 65'537u, 131'072u}) {
    INFO(length);
    const Files files;
    const std::string text(length, 'k');
    const auto made = files.encrypt(text, MediaKind::Audio);
    REQUIRE(made);
    CHECK(made->encrypted_length == (length / 16 + 1) * 16 + 10);
    CHECK(decrypt_file(files.encrypted, files.again, opened_with(*made, MediaKind::Audio)) == length);
    CHECK(Files::read(files.again) == text);
  }
}

TEST_CASE("a media key is made by chance when none is given", "[media]") {
  const Files files;
  Files::write(files.plain, as_bytes(kText));
  const auto first = encrypt_file(files.plain, files.encrypted, MediaKind::Image, {});
  const auto second = encrypt_file(files.plain, files.folder.file("second"), MediaKind::Image, {});
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->media_key.size() == 32);
  CHECK(first->media_key != second->media_key);
  CHECK(decrypt_file(files.encrypted, files.again, opened_with(*first, MediaKind::Image)) == kText.size());
}

TEST_CASE("what is made can be read by its owner only", "[media]") {
  const Files files;
  REQUIRE(files.encrypt(kText, MediaKind::Image));
  REQUIRE(decrypt_file(files.encrypted, files.again, known_media(kImage)));
  for (const std::string& path : {files.encrypted, files.again}) {
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a damaged media file is refused, and says by which check", "[media]") {
  const Files files;
  MediaFile file = known_media(kImage);
  Bytes octets = *from_hex(kImage.encrypted);

  SECTION("cut short") {
    for (const std::size_t length : {0u, 9u, 25u, 41u}) {
      CHECK(files.refusal(ByteView(octets).first(length), file) == "a media file was cut short");
    }
  }
  SECTION("cut by a block") {
    CHECK(files.refusal(ByteView(octets).first(26), file) == "an encrypted media file has another hash");
    file.enc_sha256.clear();
    CHECK(files.refusal(ByteView(octets).first(26), file) == "the MAC of a media file is wrong");
  }
  SECTION("another hash of the encrypted file") {
    file.enc_sha256[0] ^= 1;
    CHECK(files.refusal(octets, file) == "an encrypted media file has another hash");
    file.enc_sha256.resize(5);
    CHECK(files.refusal(octets, file) == "an encrypted media file has another hash");
  }
  SECTION("a bit flipped anywhere, without a hash to tell") {
    file.enc_sha256.clear();
    file.sha256.clear();
    for (std::size_t i = 0; i < octets.size(); ++i) {
      octets[i] ^= 0x80;
      CHECK(files.refusal(octets, file) == "the MAC of a media file is wrong");
      octets[i] ^= 0x80;
    }
  }
  SECTION("a key of another kind") {
    file.kind = MediaKind::Video;
    CHECK(files.refusal(octets, file) == "the MAC of a media file is wrong");
  }
  SECTION("padding that is none under a right MAC") {
    file.enc_sha256.clear();
    const Bytes unpadded = *from_hex("0b20bd1ac479b6b505144029922ad2d6836f91284d7364db1858");
    CHECK(files.refusal(unpadded, file) == "the padding of a media file is wrong");
  }
  SECTION("another hash of the plain file") {
    file.sha256[31] ^= 1;
    CHECK(files.refusal(octets, file) == "a decrypted media file has another hash");
  }
  SECTION("a media key of another length") {
    file.media_key.pop_back();
    CHECK(files.refusal(octets, file) == "a media key has 32 octets");
  }
}

TEST_CASE("hashes that a message does not have are not compared", "[media]") {
  const Files files;
  MediaFile file = known_media(kImage);
  file.sha256.clear();
  file.enc_sha256.clear();
  CHECK(files.decrypt(*from_hex(kImage.encrypted), file) == kText.size());
}

TEST_CASE("nothing that is there already is written over", "[media]") {
  const Files files;
  Files::write(files.encrypted, as_bytes("mine"));
  const auto made = files.encrypt(kText, MediaKind::Image);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(Files::read(files.encrypted) == "mine");

  Files::write(files.encrypted, *from_hex(kImage.encrypted));
  Files::write(files.again, as_bytes("mine too"));
  const auto length = decrypt_file(files.encrypted, files.again, known_media(kImage));
  REQUIRE_FALSE(length);
  CHECK(length.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(Files::read(files.again) == "mine too");
}

TEST_CASE("files that are not there are told so", "[media]") {
  const Files files;
  const auto made = encrypt_file(files.plain, files.encrypted, MediaKind::Image, media_key());
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK_FALSE(Files::exists(files.encrypted));
  CHECK(decrypt_file(files.encrypted, files.again, known_media(kImage)).error().code ==
        ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(encrypt_file(files.folder.path(), files.encrypted, MediaKind::Image, media_key()).error().details ==
        "not a regular file");
  Files::write(files.plain, as_bytes(kText));
  CHECK(encrypt_file(files.plain, files.encrypted, MediaKind::Image, Bytes(31)).error().code ==
        ErrorCode::ENCRYPTION_FAILED);
  CHECK_FALSE(Files::exists(files.encrypted));
}
