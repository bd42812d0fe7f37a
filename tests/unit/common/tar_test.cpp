#include "common/tar.h"

namespace konekwa {
namespace {

Time at() { return from_unix_seconds(1'773'137'400); }

std::optional<TarEntry> entry_of(std::string_view block) {
  const auto entry = read_tar_header(block);
  REQUIRE(entry);
  return *entry;
}

}  // namespace

TEST_CASE("a tar header says name and size", "[tar]") {
  const std::uint64_t size = GENERATE(0ULL, 1ULL, 512ULL, 8'589'934'591ULL, 8'589'934'592ULL, 1ULL << 60);
  const std::string block = tar_header({"media/ab/ab12", size}, at());
  REQUIRE(block.size() == kTarBlock);
  CHECK(block.substr(257, 8) == std::string("ustar\0" "00", 8));
  CHECK(block.substr(100, 8) == std::string("0000600\0", 8));
  const auto entry = entry_of(block);
  REQUIRE(entry);
  CHECK(entry->name == "media/ab/ab12");
  CHECK(entry->size == size);
}

TEST_CASE("a tar header has room for a name of 100 octets", "[tar]") {
  const std::string name(100, 'x');
  CHECK(entry_of(tar_header({name, 3}, at()))->name == name);
}

TEST_CASE("tar pads to whole blocks and ends with zeros", "[tar]") {
  CHECK(tar_padding(0) == 0);
  CHECK(tar_padding(1) == 511);
  CHECK(tar_padding(512) == 0);
  CHECK(tar_padding(513) == 511);
  CHECK(tar_end() == std::string(1024, '\0'));
  CHECK_FALSE(entry_of(tar_end().substr(0, kTarBlock)));
}

TEST_CASE("a damaged tar header is refused at whatever octet", "[tar]") {
  const std::string block = tar_header({"konekwa.db", 270'336}, at());
  for (std::size_t i = 0; i < block.size(); ++i) {
    std::string damaged = block;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto entry = read_tar_header(damaged);
    // A digit of the checksum may become a space: then it says the same.
    if (entry) CHECK((*entry)->size == 270'336);
    else CHECK(entry.error().code == ErrorCode::INVALID_REQUEST);
    if (i < 148 || i >= 156) CHECK_FALSE(entry);
  }
  CHECK_FALSE(read_tar_header(block.substr(1)));
  CHECK_FALSE(read_tar_header(""));
}

TEST_CASE("tar entries that are no files are refused", "[tar]") {
  for (const char type : {'1', '2', '5', 'x', 'g', 'L'}) {
    std::string block = tar_header({"a", 0}, at());
    // The checksum follows the type.
    const int sum = std::stoi(block.substr(148, 6), nullptr, 8) + type - block[156];
    block[156] = type;
    block.replace(148, 6, fmt::format("{:06o}", sum));
    const auto entry = read_tar_header(block);
    REQUIRE_FALSE(entry);
    CHECK(entry.error().details.find("something else") != std::string::npos);
  }
}

}  // namespace konekwa
