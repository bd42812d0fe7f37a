#include "daemon/gateway/media_url.h"

#include <algorithm>

namespace konekwa {
namespace {

constexpr std::string_view kScheme = "konekwa:";
constexpr std::string_view kPrefix = "konekwa://media/";
constexpr std::size_t kIdMax = 64;

}  // namespace

std::string media_url_of(const std::string& upload) { return std::string(kPrefix) + upload; }

bool is_upload_url(std::string_view url) { return url.starts_with(kScheme); }

std::optional<std::string> upload_of(std::string_view media_url) {
  if (!media_url.starts_with(kPrefix)) return std::nullopt;
  const std::string_view id = media_url.substr(kPrefix.size());
  const bool is_id = id.starts_with("med_") && id.size() <= kIdMax &&
                     std::all_of(id.begin() + 4, id.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  if (!is_id) return std::nullopt;
  return std::string(id);
}

}  // namespace konekwa
