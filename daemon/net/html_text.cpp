#include "daemon/net/html_text.h"

#include <algorithm>
#include <cstdint>

namespace konekwa::net {
namespace {

constexpr std::size_t kReferenceOctetsMax = 12;   // of "&...;", longer ones are none of these

// The octets 0x80 to 0x9f of windows-1252; 0: undefined.
constexpr char32_t kWindows1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

// Those that turn up in titles. What is written by name in other languages is written as UTF-8 these days.
struct Reference {
  std::string_view name;
  char32_t character;
};
constexpr Reference kReferences[] = {
    {"amp", '&'},       {"lt", '<'},        {"gt", '>'},        {"quot", '"'},      {"apos", '\''},
    {"nbsp", ' '},      {"copy", 0xa9},     {"reg", 0xae},      {"trade", 0x2122},  {"hellip", 0x2026},
    {"mdash", 0x2014},  {"ndash", 0x2013},  {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"ldquo", 0x201c},
    {"rdquo", 0x201d},  {"bull", 0x2022},   {"middot", 0xb7},   {"laquo", 0xab},    {"raquo", 0xbb},
    {"euro", 0x20ac},   {"pound", 0xa3},    {"yen", 0xa5},      {"deg", 0xb0},      {"times", 0xd7},
    {"agrave", 0xe0},   {"aacute", 0xe1},   {"acirc", 0xe2},    {"auml", 0xe4},     {"ccedil", 0xe7},
    {"egrave", 0xe8},   {"eacute", 0xe9},   {"ecirc", 0xea},    {"iacute", 0xed},   {"ntilde", 0xf1},
    {"oacute", 0xf3},   {"ouml", 0xf6},     {"szlig", 0xdf},    {"uacute", 0xfa},   {"uuml", 0xfc},
    {"Auml", 0xc4},     {"Ouml", 0xd6},     {"Uuml", 0xdc},     {"Eacute", 0xc9},
};

void append_utf8(std::string& out, char32_t c) {
  const auto octet = [&](char32_t value) { out.push_back(static_cast<char>(static_cast<unsigned char>(value))); };
  if (c < 0x80) return octet(c);
  if (c < 0x800) {
    octet(0xc0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      octet(0xe0 | (c >> 12));
    } else {
      octet(0xf0 | (c >> 18));
      octet(0x80 | ((c >> 12) & 0x3f));
    }
    octet(0x80 | ((c >> 6) & 0x3f));
  }
  octet(0x80 | (c & 0x3f));
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Of "#123" or "#x1f"; 0: it is none.
char32_t numbered(std::string_view name) {
  name.remove_prefix(1);
  int base = 10;
  if (!name.empty() && (name.front() == 'x' || name.front() == 'X')) {
    base = 16;
    name.remove_prefix(1);
  }
  char32_t value = 0;
  for (const char c : name) {
    const int digit = digit_of(c);
    if (digit >= base || value > 0x10ffff) return 0;
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(digit);
  }
  if (name.empty() || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
  if (value >= 0x80 && value < 0xa0) value = kWindows1252[value - 0x80];   // as browsers do
  return value;
}

char32_t character_of(std::string_view name) {
  if (name.starts_with('#')) return numbered(name);
  const auto known = std::find_if(std::begin(kReferences), std::end(kReferences),
                                  [&](const Reference& each) { return each.name == name; });
  return known == std::end(kReferences) ? 0 : known->character;
}

std::string without_references(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] == '&') {
      const std::size_t end = raw.substr(at, kReferenceOctetsMax).find(';');
      const char32_t c = end == std::string_view::npos ? 0 : character_of(raw.substr(at + 1, end - 1));
      if (c != 0) {
        append_utf8(out, c);
        at += end;
        continue;
      }
    }
    out.push_back(raw[at]);
  }
  return out;
}

// C0, DEL and C1 controls, which in UTF-8 are c2 80 to c2 9f, and the space that is not to be broken, c2 a0.
std::string in_one_line(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto octet = static_cast<unsigned char>(text[at]);
    const bool is_wide = octet == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) <= 0xa0;
    if (is_wide) ++at;
    if (!is_wide && octet > 0x20 && octet != 0x7f) {
      out.push_back(text[at]);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  return out;
}

}  // namespace

std::string from_windows_1252(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  for (const char c : octets) {
    char32_t character = static_cast<unsigned char>(c);
    if (character >= 0x80 && character < 0xa0) character = kWindows1252[character - 0x80];
    if (character != 0) append_utf8(out, character);
  }
  return out;
}

std::string html_text(std::string_view raw, std::size_t octets_max) {
  std::string out = in_one_line(without_references(raw));
  if (out.size() > octets_max) {
    std::size_t end = octets_max;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
    out.resize(end);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace konekwa::net
