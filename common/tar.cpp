#include "common/tar.h"

#include <algorithm>
#include <numeric>

namespace konekwa {
namespace {

// The fields of a header, as POSIX.1-1988 has them.
struct Field {
  std::size_t at, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUser{108, 8}, kGroup{116, 8}, kSize{124, 12}, kModified{136, 12},
    kChecksum{148, 8}, kType{156, 1}, kMagic{257, 8};
constexpr std::string_view kUstar("ustar\0" "00", 8);
constexpr char kRegular = '0', kRegularOld = '\0';
constexpr std::uint64_t kOctalSizeMax = 077777777777;   // 8 GiB; more is written in base 256
constexpr unsigned char kBase256 = 0x80;

void put(std::string& block, Field field, std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), field.size), block.begin() + static_cast<std::ptrdiff_t>(field.at));
}

void put_octal(std::string& block, Field field, std::uint64_t value) {
  put(block, field, fmt::format("{:0{}o}", value, field.size - 1));
}

void put_size(std::string& block, std::uint64_t size) {
  if (size <= kOctalSizeMax) return put_octal(block, kSize, size);
  block[kSize.at] = static_cast<char>(kBase256);
  for (std::size_t i = 0; i < sizeof size; ++i) {
    block[kSize.at + kSize.size - 1 - i] = static_cast<char>(size >> (8 * i) & 0xff);
  }
}

std::string_view field_of(std::string_view block, Field field) { return block.substr(field.at, field.size); }

std::optional<std::uint64_t> octal(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find_first_of(std::string_view(" \0", 2), begin), text.size());
  if (begin == end) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text.substr(begin, end - begin)) {
    if (c < '0' || c > '7' || value > UINT64_MAX / 8) return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::optional<std::uint64_t> size_of(std::string_view block) {
  const std::string_view text = field_of(block, kSize);
  if (static_cast<unsigned char>(text[0]) != kBase256) return octal(text);
  std::uint64_t value = 0;
  for (const char c : text.substr(1)) {
    if (value > UINT64_MAX >> 8) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

// Of all octets, as if the checksum itself were spaces.
std::uint64_t checksum(std::string_view block) {
  const auto add = [](std::uint64_t sum, char c) { return sum + static_cast<unsigned char>(c); };
  const std::string_view own = field_of(block, kChecksum);
  const std::uint64_t all = std::accumulate(block.begin(), block.end(), std::uint64_t{0}, add);
  return all - std::accumulate(own.begin(), own.end(), std::uint64_t{0}, add) + ' ' * kChecksum.size;
}

tl::unexpected<Error> no_archive(const char* why) {
  return fail(Error(ErrorCode::INVALID_REQUEST, "this is not an archive of plain files", why));
}

}  // namespace

std::string tar_header(const TarEntry& entry, Time modified_at) {
  KONEKWA_ASSERT(!entry.name.empty() && entry.name.size() <= kName.size);
  std::string block(kTarBlock, '\0');
  put(block, kName, entry.name);
  put_octal(block, kMode, 0600);
  put_octal(block, kUser, 0);
  put_octal(block, kGroup, 0);
  put_size(block, entry.size);
  put_octal(block, kModified, static_cast<std::uint64_t>(std::max<std::int64_t>(unix_seconds(modified_at), 0)));
  block[kType.at] = kRegular;
  put(block, kMagic, kUstar);
  put(block, kChecksum, fmt::format("{:06o}", checksum(block)) + std::string("\0 ", 2));
  return block;
}

std::size_t tar_padding(std::uint64_t size) {
  return static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}

std::string tar_end() { return std::string(2 * kTarBlock, '\0'); }

Result<std::optional<TarEntry>> read_tar_header(std::string_view block) {
  if (block.size() != kTarBlock) return no_archive("it is cut off");
  if (std::all_of(block.begin(), block.end(), [](char c) { return c == '\0'; })) return std::nullopt;
  if (octal(field_of(block, kChecksum)) != checksum(block)) return no_archive("a header is damaged");
  const char type = block[kType.at];
  if (type != kRegular && type != kRegularOld) return no_archive("it holds something else than files");
  const auto size = size_of(block);
  if (!size) return no_archive("the size of a file is none");
  const std::string_view name = field_of(block, kName);
  return TarEntry{std::string(name.substr(0, name.find('\0'))), *size};
}

}  // namespace konekwa
