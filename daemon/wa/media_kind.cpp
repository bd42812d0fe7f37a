#include "daemon/wa/media.h"

#include <algorithm>
#include <iterator>

namespace konekwa::wa {
namespace {

constexpr std::string_view kNames[] = {"image", "video", "audio", "document", "sticker"};  // in the order of MediaKind

}  // namespace

std::string_view to_string(MediaKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<MediaKind> media_kind_from(std::string_view text) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), text);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<MediaKind>(found - std::begin(kNames));
}

}  // namespace konekwa::wa
