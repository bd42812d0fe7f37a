#include "daemon/wa/utf8.h"

#include <cstdint>

namespace konekwa::wa {
namespace {

struct Form {
  unsigned char mask, lead;     // which octets start it
  std::size_t continuations;
  std::uint32_t smallest;       // a smaller code point has a shorter form
};
constexpr Form kForms[] = {{0x80, 0x00, 0, 0}, {0xE0, 0xC0, 1, 0x80}, {0xF0, 0xE0, 2, 0x800}, {0xF8, 0xF0, 3, 0x10000}};

// The octets of the code point at the start of `text`, or 0.
std::size_t code_point_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  for (const Form& form : kForms) {
    if ((first & form.mask) != form.lead) continue;
    if (text.size() <= form.continuations) return 0;
    std::uint32_t value = first & static_cast<unsigned char>(~form.mask);
    for (std::size_t i = 1; i <= form.continuations; ++i) {
      const auto octet = static_cast<unsigned char>(text[i]);
      if ((octet & 0xC0) != 0x80) return 0;
      value = value << 6 | (octet & 0x3F);
    }
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value < form.smallest || value > 0x10FFFF || is_surrogate ? 0 : form.continuations + 1;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = code_point_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace konekwa::wa
