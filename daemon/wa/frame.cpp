#include "daemon/wa/frame.h"

#include "daemon/wa/noise.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kLengthSize = 3;
constexpr std::array<std::uint8_t, 4> kRoutingMark = {'E', 'D', 0x00, 0x01};
constexpr std::size_t kRoutingInfoBytesMax = 4096;

// Does `octets`, as far as it goes, begin like `mark`?
bool begins_like(ByteView octets, ByteView mark) {
  const auto size = std::min(octets.size(), mark.size());
  return std::equal(mark.begin(), mark.begin() + static_cast<std::ptrdiff_t>(size), octets.begin());
}

}  // namespace

Bytes frame(ByteView payload) {
  KONEKWA_ASSERT(payload.size() <= kFrameBytesMax);
  Bytes out;
  out.reserve(kLengthSize + payload.size());
  append(out, big_endian(payload.size(), kLengthSize));
  append(out, payload);
  return out;
}

Bytes intro(ByteView routing_info) {
  Bytes out;
  if (!routing_info.empty() && routing_info.size() <= kRoutingInfoBytesMax) {
    append(out, kRoutingMark);
    append(out, big_endian(routing_info.size(), kLengthSize));
    append(out, routing_info);
  }
  append(out, kIntro);
  return out;
}

void FrameReader::append(ByteView octets) {
  // Less than a frame is left over from before, so this moves little.
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  konekwa::append(buffer_, octets);
}

Result<std::optional<Bytes>> FrameReader::next() {
  if (is_intro_due_) {
    const auto skipped = skip_intro();
    if (!skipped) return fail(skipped.error());
    if (!*skipped) return std::nullopt;
    is_intro_due_ = false;
  }
  if (rest().size() < kLengthSize) return std::nullopt;
  const auto length = static_cast<std::size_t>(read_big_endian(rest().first(kLengthSize)));
  if (length > payload_max_) return fail(ErrorCode::PROTOCOL, "a frame over the limit");
  if (rest().size() < kLengthSize + length) return std::nullopt;

  auto payload = to_bytes(rest().subspan(kLengthSize, length));
  taken_ += kLengthSize + length;
  // Thousands of connections idle between frames: an empty reader holds no memory.
  if (taken_ == buffer_.size()) {
    Bytes().swap(buffer_);
    taken_ = 0;
  }
  return payload;
}

Result<bool> FrameReader::skip_intro() {
  std::size_t skip = 0;
  if (begins_like(rest(), kRoutingMark)) {
    const auto header = kRoutingMark.size() + kLengthSize;
    if (rest().size() < header) return false;
    const auto length = static_cast<std::size_t>(read_big_endian(rest().subspan(kRoutingMark.size(), kLengthSize)));
    if (length > kRoutingInfoBytesMax) return fail(ErrorCode::PROTOCOL, "routing info over the limit");
    if (rest().size() < header + length) return false;
    skip = header + length;
  }
  const auto after = rest().subspan(skip);
  if (!begins_like(after, kIntro)) return fail(ErrorCode::PROTOCOL, "an unknown intro");
  if (after.size() < kIntro.size()) return false;
  taken_ += skip + kIntro.size();
  return true;
}

}  // namespace konekwa::wa
