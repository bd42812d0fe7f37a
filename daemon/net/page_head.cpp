#include "daemon/net/page_head.h"

#include "common/utf8.h"
#include "daemon/net/html_text.h"
#include "daemon/net/web_url.h"

#include <algorithm>

namespace konekwa::net {
namespace {

constexpr std::size_t kRawValueMax = 16 * 1024;   // octets of one attribute or title that are looked at
constexpr std::string_view kSpace = " \t\r\n\f";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

// The attributes that matter; of one that is given twice the first counts.
struct Tag {
  std::string name;                         // lower case; "/head" for an end tag
  std::string_view property, title_name, content, charset;
  bool has_property = false, has_name = false, has_content = false, has_charset = false;

  void put(const std::string& attribute, std::string_view value) {
    const auto take = [&](const char* wanted, bool& has, std::string_view& to) {
      if (attribute == wanted && !std::exchange(has, true)) to = value.substr(0, kRawValueMax);
    };
    take("property", has_property, property);
    take("name", has_name, title_name);
    take("content", has_content, content);
    take("charset", has_charset, charset);
  }
};

class Scanner {
 public:
  explicit Scanner(std::string_view html) : html_(html) {}

  bool next_tag(Tag& tag);                  // false: there are no more
  // What is between a tag and its end tag, where that has no markup in it.
  std::string_view raw_text(std::string_view end_tag);

 private:
  std::string_view rest() const { return html_.substr(at_); }
  void skip_past(std::string_view mark) {
    const std::size_t found = html_.find(mark, at_);
    at_ = found == std::string_view::npos ? html_.size() : found + mark.size();
  }
  void skip(std::string_view octets) { at_ = std::min(html_.find_first_not_of(octets, at_), html_.size()); }
  std::string_view take_until(std::string_view octets) {
    const std::size_t begin = at_;
    at_ = std::min(html_.find_first_of(octets, at_), html_.size());
    return html_.substr(begin, at_ - begin);
  }
  std::string_view take_value();
  void read_attributes(Tag& tag);

  std::string_view html_;
  std::size_t at_ = 0;
};

bool Scanner::next_tag(Tag& tag) {
  while (at_ < html_.size()) {
    skip_past("<");
    if (at_ >= html_.size()) return false;
    if (rest().starts_with("!--")) {
      at_ += 3;
      skip_past("-->");
      continue;
    }
    if (html_[at_] == '!' || html_[at_] == '?') {
      skip_past(">");
      continue;
    }
    const bool is_end = html_[at_] == '/';
    if (is_end) ++at_;
    if (at_ >= html_.size() || !is_letter(html_[at_])) continue;
    tag = {};
    tag.name = (is_end ? "/" : "") + lower(take_until(" \t\r\n\f/><").substr(0, 32));
    read_attributes(tag);
    return true;
  }
  return false;
}

void Scanner::read_attributes(Tag& tag) {
  while (at_ < html_.size()) {
    skip(" \t\r\n\f/");
    if (at_ >= html_.size() || html_[at_] == '>') break;
    const std::size_t begin = at_;
    const std::string name = lower(take_until(" \t\r\n\f/>=").substr(0, 16));
    if (at_ == begin) ++at_;                // a "=" that begins a name
    skip(kSpace);
    if (at_ >= html_.size() || html_[at_] != '=') continue;
    ++at_;
    tag.put(name, take_value());
  }
  if (at_ < html_.size()) ++at_;
}

std::string_view Scanner::take_value() {
  skip(kSpace);
  if (at_ >= html_.size()) return {};
  const char quote = html_[at_];
  if (quote != '"' && quote != '\'') return take_until(" \t\r\n\f>");
  ++at_;
  const std::string_view value = take_until(std::string_view(&quote, 1));
  if (at_ < html_.size()) ++at_;
  return value;
}

std::string_view Scanner::raw_text(std::string_view end_tag) {
  const std::size_t begin = at_;
  while (at_ < html_.size()) {
    const std::size_t end = html_.find("</", at_);
    at_ = std::min(end, html_.size());
    if (lower(rest().substr(0, end_tag.size())) == end_tag) break;
    at_ = std::min(at_ + 2, html_.size());
  }
  return html_.substr(begin, std::min(at_ - begin, kRawValueMax));
}

bool is_latin(std::string_view charset) {
  const std::string name = lower(charset);
  for (const char* known : {"iso-8859-1", "iso8859-1", "latin1", "windows-1252", "cp1252", "us-ascii"}) {
    if (name == known) return true;
  }
  return false;
}

// Of "text/html; charset=utf-8", also in a <meta http-equiv>.
std::string_view charset_in(std::string_view content_type) {
  const std::size_t found = lower(content_type).find("charset=");
  if (found == std::string::npos) return {};
  std::string_view value = content_type.substr(found + 8);
  if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
  return value.substr(0, value.find_first_of("\"'; \t"));
}

// Without the part of a character that a cut has left.
std::string_view whole(std::string_view raw) {
  if (raw.size() < kRawValueMax) return raw;
  while (!raw.empty() && (static_cast<unsigned char>(raw.back()) & 0xc0) == 0x80) raw.remove_suffix(1);
  if (!raw.empty() && static_cast<unsigned char>(raw.back()) >= 0xc0) raw.remove_suffix(1);
  return raw;
}

// The values that are wanted, raw, as they are found.
struct Found {
  std::string_view og_title, og_description, og_image, title, description, charset;
  bool has_title = false, is_in_body = false;

  void put_meta(const Tag& tag) {
    if (charset.empty()) charset = tag.has_charset ? tag.charset : charset_in(tag.content);
    if (!tag.has_content) return;
    const std::string key = lower(tag.has_property ? tag.property : tag.title_name);
    const auto take = [&](const char* wanted, std::string_view& to) {
      if (key == wanted && to.empty()) to = tag.content;
    };
    take("og:title", og_title);
    take("og:description", og_description);
    take("og:image", og_image);
    take("description", description);
  }
};

Found scan(std::string_view html) {
  Scanner scanner(html);
  Found found;
  for (Tag tag; scanner.next_tag(tag);) {
    if (tag.name == "meta") found.put_meta(tag);
    if (tag.name == "body" || tag.name == "svg") found.is_in_body = true;   // whose <title> is another one
    if (tag.name == "title") {
      const std::string_view text = scanner.raw_text("</title");
      if (!found.is_in_body && !std::exchange(found.has_title, true)) found.title = text;
    }
    for (const char* name : {"script", "style", "textarea", "noscript", "template"}) {
      if (tag.name == name) scanner.raw_text(std::string("</") + name);
    }
  }
  return found;
}

}  // namespace

bool is_html(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  const std::size_t end = type.find_last_not_of(kSpace);
  return end != std::string::npos && std::string_view(type).substr(0, end + 1) == "text/html";
}

PageHead read_page_head(std::string_view html, std::string_view content_type) {
  const Found found = scan(html);
  const std::string_view declared = charset_in(content_type);
  const bool latin = is_latin(declared.empty() ? found.charset : declared);
  const auto text_of = [&](std::string_view raw, std::size_t octets_max) {
    if (is_utf8(whole(raw))) return html_text(whole(raw), octets_max);
    return latin ? html_text(from_windows_1252(raw), octets_max) : std::string();
  };
  PageHead out;
  out.title = text_of(found.og_title, kPageTitleOctetsMax);
  if (out.title.empty()) out.title = text_of(found.title, kPageTitleOctetsMax);
  out.description = text_of(found.og_description, kPageDescriptionOctetsMax);
  if (out.description.empty()) out.description = text_of(found.description, kPageDescriptionOctetsMax);
  out.image = text_of(found.og_image, kUrlOctetsMax + 1);
  if (out.image.size() > kUrlOctetsMax) out.image.clear();
  return out;
}

}  // namespace konekwa::net
