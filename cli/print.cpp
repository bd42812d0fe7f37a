#include "cli/print.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <wchar.h>

namespace konekwa::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kInvalid = 0xFFFFFFFF;

// Takes one code point off the front; kInvalid, and one octet, for what is not UTF-8.
char32_t take_code_point(std::string_view& text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = octet(0);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};   // shorter forms exist below these
  char32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
  bool is_valid = first < 0x80 || (first >= 0xC2 && first <= 0xF4 && text.size() >= length);
  for (std::size_t i = 1; is_valid && i < length; ++i) {
    is_valid = (octet(i) & 0xC0) == 0x80;
    point = point << 6 | (octet(i) & 0x3Fu);
  }
  is_valid = is_valid && point >= kLeast[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  text.remove_prefix(is_valid ? length : 1);
  return is_valid ? point : kInvalid;
}

void append_utf8(std::string& out, char32_t point) {
  const auto put = [&](char32_t value) { out.push_back(static_cast<char>(value)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

struct Range {
  char32_t first, last;
};
// Control characters, and the format characters that reorder a line or hide in it.
constexpr Range kDropped[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x200B, 0x200C},
                              {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
                              {0xE0000, 0xE007F}};

bool is_dropped(char32_t point) {
  return std::any_of(std::begin(kDropped), std::end(kDropped),
                     [&](const Range& r) { return point >= r.first && point <= r.last; });
}

int width_of(char32_t point) {
  const int width = ::wcwidth(static_cast<wchar_t>(point));
  return width < 0 ? 1 : width;   // a locale without the character: one column is the best guess
}

int take_width(std::string_view& text) {
  const char32_t point = take_code_point(text);
  return point == kInvalid ? 1 : width_of(point);
}

// Takes what fits off the front.
std::string_view take_columns(std::string_view& text, int columns) {
  const std::string_view begin = text;
  for (std::string_view rest = text; !rest.empty() && (columns -= take_width(rest)) >= 0;) text = rest;
  return begin.substr(0, begin.size() - text.size());
}

}  // namespace

std::string escaped(std::string_view json) {
  std::string out;
  const auto put = [&](char32_t unit) { out += fmt::format("\\u{:04x}", static_cast<unsigned>(unit)); };
  while (!json.empty()) {
    const std::string_view before = json;
    const char32_t point = take_code_point(json);
    if (point == kInvalid) {
      append_utf8(out, kReplacement);
    } else if (point == '\n' || point == '\t' || !is_dropped(point)) {
      out += before.substr(0, before.size() - json.size());
    } else if (point <= 0xFFFF) {
      put(point);
    } else {
      put(0xD800 + ((point - 0x10000) >> 10));
      put(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::size_t unfinished_utf8(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(text.size(), 3); ++size) {
    const auto octet = static_cast<unsigned char>(text[text.size() - size]);
    if ((octet & 0xC0) == 0x80) continue;
    const std::size_t whole = octet >= 0xF0 ? 4 : octet >= 0xE0 ? 3 : octet >= 0xC0 ? 2 : 1;
    return whole > size ? size : 0;
  }
  return 0;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char32_t point = take_code_point(text);
    if (point == kInvalid) {
      append_utf8(out, kReplacement);
    } else if (point == '\n' || point == '\t') {
      out.push_back(' ');
    } else if (!is_dropped(point)) {
      append_utf8(out, point);
    }
  }
  return out;
}

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += take_width(text);
  return width;
}

std::string shortened(std::string_view text, int columns) {
  if (display_width(text) <= columns) return std::string(text);
  return fmt::format("{}…", take_columns(text, columns - 1));
}

std::vector<std::string> wrapped(std::string_view text, int columns) {
  if (columns <= 0) return {std::string(text)};
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (lines.back().empty()) {
      // The first of its line.
    } else if (display_width(lines.back()) + 1 + display_width(word) <= columns) {
      lines.back() += ' ';
    } else {
      lines.emplace_back();
    }
    while (display_width(word) > columns) {
      const std::string_view part = take_columns(word, columns);
      if (part.empty()) break;   // a character that is wider than the line
      lines.back() += part;
      lines.emplace_back();
    }
    lines.back() += word;
  }
  return lines;
}

const Json& child(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto it = object.find(key);
  return it == object.end() ? none : *it;
}

const Json& descendant(const Json& object, std::string_view path) {
  const Json* at = &object;
  for (;;) {
    const std::size_t dot = path.find('.');
    at = &child(*at, std::string(path.substr(0, dot)).c_str());
    if (dot == std::string_view::npos) return *at;
    path.remove_prefix(dot + 1);
  }
}

std::string text_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return printable(value.get<std::string>());
  if (!value.is_array()) return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::string out;
  for (const Json& item : value) {
    if (!out.empty()) out += ", ";
    out += text_of(item);
  }
  return out;
}

std::string field(const Json& object, const char* key) { return text_of(child(object, key)); }

std::vector<const Json*> items_of(const Json& body) {
  std::vector<const Json*> out;
  const auto is_list = [](const Json& value) {
    return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& e) { return e.is_object(); });
  };
  if (body.is_object() && !body.contains("id")) {
    for (const auto& member : body.items()) {
      if (!is_list(member.value())) continue;
      for (const Json& item : member.value()) out.push_back(&item);
      return out;
    }
  }
  if (!body.is_null()) out.push_back(&body);
  return out;
}

std::string field_list(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::size_t width = 0;
  for (const auto& [name, value] : fields) width = value.empty() ? width : std::max(width, name.size());
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) out += fmt::format("{:<{}}  {}\n", name + ":", width + 1, value);
  }
  return out;
}

}  // namespace konekwa::cli
