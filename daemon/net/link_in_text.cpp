#include "daemon/net/link_in_text.h"

#include "daemon/net/web_client.h"
#include "daemon/net/web_url.h"

#include <algorithm>

namespace konekwa::net {
namespace {

constexpr int kCandidatesMax = 8;
constexpr int kPunctuationMax = 16;   // that is taken off the end of one

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool ends_link(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '<' || c == '>' || c == '`';
}

// "(see https://example.com/a_(b))." is about ".../a_(b)".
bool closes_nothing(std::string_view link) {
  const char last = link.back();
  if (std::string_view(".,;:!?'*_~").find(last) != std::string_view::npos) return true;
  for (const auto& [open, close] : {std::pair('(', ')'), std::pair('[', ']'), std::pair('{', '}')}) {
    if (last == close) return std::count(link.begin(), link.end(), open) < std::count(link.begin(), link.end(), close);
  }
  return false;
}

std::string_view link_at(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && size <= kUrlOctetsMax && !ends_link(text[size])) ++size;
  std::string_view link = text.substr(0, size);
  for (int i = 0; i < kPunctuationMax && !link.empty() && closes_nothing(link); ++i) link.remove_suffix(1);
  return link;
}

bool is_scheme(std::string_view text, std::string_view scheme) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return text.size() >= scheme.size() &&
         std::equal(scheme.begin(), scheme.end(), text.begin(), [&](char a, char b) { return a == lower(b); });
}

}  // namespace

std::string first_link(std::string_view text) {
  int candidates = 0;
  for (std::size_t at = text.find("://"); at != std::string_view::npos && candidates < kCandidatesMax;
       at = text.find("://", at + 3), ++candidates) {
    for (const std::string_view scheme : {"https://", "http://"}) {
      const std::size_t length = scheme.size() - 3;
      if (at < length || !is_scheme(text.substr(at - length), scheme)) continue;
      const std::size_t begin = at - length;
      if (begin > 0 && is_letter_or_digit(text[begin - 1])) continue;
      std::string link(link_at(text.substr(begin)));
      if (url_problem(link).empty()) return link;
    }
  }
  return "";
}

}  // namespace konekwa::net
