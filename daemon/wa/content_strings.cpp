// Strings of peers: bounded, UTF-8, and JIDs that are one.
#include "daemon/wa/content_parts.h"
#include "daemon/wa/utf8.h"

namespace konekwa::wa::content_parts {
namespace {

constexpr std::int64_t kSecondsMax = 253402300799;  // the end of the year 9999

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// At the beginning of a character, if there are any.
std::string cut(const std::string& text, std::size_t octets_max) {
  if (text.size() <= octets_max) return text;
  std::size_t end = octets_max;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

}  // namespace

std::string text_of(const std::string& text) { return cut(text, kTextMax); }

std::string name_of(const std::string& text) { return is_utf8(text) ? cut(text, kNameMax) : std::string(); }

std::string vcard_of(const std::string& text) { return is_utf8(text) ? cut(text, kTextMax) : std::string(); }

std::string jid_of(const std::string& text) {
  const auto jid = text.size() <= kNameMax && is_utf8(text) ? Jid::parse(text) : std::nullopt;
  return jid ? text : std::string();
}

Bytes thumbnail_of(const std::string& octets) {
  return octets.size() <= kThumbnailMax ? to_bytes(octets) : Bytes();
}

std::int64_t seconds_of(std::int64_t seconds) { return seconds > 0 && seconds <= kSecondsMax ? seconds : 0; }

std::int64_t milliseconds_of(std::int64_t milliseconds) {
  return milliseconds > 0 && milliseconds / 1000 <= kSecondsMax ? milliseconds : 0;
}

std::string lines(std::initializer_list<std::string> parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += '\n';
    text += part;
  }
  return text;
}

}  // namespace konekwa::wa::content_parts
