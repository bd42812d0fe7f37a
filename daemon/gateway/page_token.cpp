#include "daemon/gateway/page_token.h"

#include <charconv>

#include "common/bytes.h"
#include "daemon/gateway/api_token.h"
#include "daemon/gateway/impl.h"

namespace konekwa {
namespace {

// One octet of version, eight of the sequence, eight of the hash of the filters.
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHashSize = 8;
constexpr std::size_t kTokenSize = 1 + 8 + kHashSize;

Bytes hash_of(std::string_view filters) {
  Bytes hash = sha256(filters);
  hash.resize(kHashSize);
  return hash;
}

}  // namespace

std::string make_page_token(std::int64_t last_sequence, std::string_view filters) {
  const Bytes version{kVersion};
  return to_base64url(concat({version, big_endian(static_cast<std::uint64_t>(last_sequence), 8), hash_of(filters)}));
}

Result<std::int64_t> read_page_token(std::string_view token, std::string_view filters) {
  const auto octets = from_base64url(token);
  const bool is_ours = octets && octets->size() == kTokenSize && octets->front() == kVersion;
  if (!is_ours) return fail(ErrorCode::INVALID_PAGE_TOKEN);
  const ByteView view(*octets);
  if (!equal(view.subspan(9), hash_of(filters))) {
    return fail(ErrorCode::INVALID_PAGE_TOKEN, "the filters are not those of the page before");
  }
  const auto sequence = static_cast<std::int64_t>(read_big_endian(view.subspan(1, 8)));
  if (sequence <= 0) return fail(ErrorCode::INVALID_PAGE_TOKEN);
  return sequence;
}

Result<int> parse_page_size(std::string_view text) {
  if (text.empty()) return kPageSizeDefault;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_huge = error == std::errc::result_out_of_range && text.front() != '-';
  if (end != text.data() + text.size() || (error != std::errc() && !is_huge) || (!is_huge && value <= 0)) {
    return fail(ErrorCode::INVALID_REQUEST, "page_size must be a number from 1 to 100");
  }
  return is_huge || value > kPageSizeMax ? kPageSizeMax : static_cast<int>(value);
}

Result<PageWanted> read_optional_page(const std::vector<std::pair<std::string, std::string>>& query,
                                      std::string_view filters, int all_max) {
  const std::string size_text = find_parameter(query, "page_size");
  const std::string token = find_parameter(query, "page_token");
  const auto size = parse_page_size(size_text);
  if (!size) return fail(size.error());
  PageWanted out;
  out.size = size_text.empty() && token.empty() ? all_max : *size;
  if (token.empty()) return out;
  const auto before = read_page_token(token, filters);
  if (!before) return fail(before.error());
  out.before = *before;
  return out;
}

}  // namespace konekwa
