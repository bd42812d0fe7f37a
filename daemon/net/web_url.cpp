#include "daemon/net/web_url.h"

#include "daemon/net/web_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace konekwa::net {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Parser = std::unique_ptr<CURLU, FreeUrl>;

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

std::string lower(std::string text) {
  const auto lower_octet = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::transform(text.begin(), text.end(), text.begin(), lower_octet);
  return text;
}

// Parsers disagree about these: where the host ends, and what it is. We take none of them.
std::string_view doubtful_octets(const std::string& url) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(url.begin(), url.end(), is_control)) return "the URL has a space or a control character in it";
  if (url.find('\\') != std::string::npos) return "the URL has a backslash in it";

  const std::size_t start = url.find("://");
  if (start == std::string::npos) return "the URL does not begin with http:// or https://";
  const std::string authority = url.substr(start + 3, url.find_first_of("/?#", start + 3) - start - 3);
  if (authority.empty()) return "the URL has no host";
  if (std::count(authority.begin(), authority.end(), '@') > 1) return "the URL has more than one @ before its path";
  const std::string host = authority.substr(authority.find('@') + 1);
  if (host.find('%') != std::string::npos) return "the host has a percent sign in it";
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(host.begin(), host.end(), is_ascii)) return "the host is not in ASCII (use its xn-- form)";
  return "";
}

std::string without_brackets(std::string host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

Result<WebUrl> parse_web_url(const std::string& url) {
  const auto refuse = [](std::string_view why) { return fail(ErrorCode::INVALID_WEBHOOK_URL, std::string(why)); };
  if (url.size() > kUrlOctetsMax) return refuse(fmt::format("the URL is longer than {} octets", kUrlOctetsMax));
  if (const auto why = doubtful_octets(url); !why.empty()) return refuse(why);

  const Parser parser(curl_url());
  if (!parser) return refuse("there is no memory to read it");
  const CURLUcode code = curl_url_set(parser.get(), CURLUPART_URL, url.c_str(), 0);
  if (code == CURLUE_UNSUPPORTED_SCHEME) return refuse("the URL does not begin with http:// or https://");
  if (code != CURLUE_OK) return refuse(curl_url_strerror(code));

  WebUrl out;
  out.scheme = lower(part(parser.get(), CURLUPART_SCHEME));
  out.host = without_brackets(lower(part(parser.get(), CURLUPART_HOST)));
  const std::string port = part(parser.get(), CURLUPART_PORT);   // libcurl has checked that it is a number that fits
  std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (out.scheme != "http" && out.scheme != "https") return refuse("the URL does not begin with http:// or https://");
  if (out.host.empty()) return refuse("the URL has no host");
  if (out.port == 0) return refuse("port 0 cannot be dialled");
  return out;
}

std::string resolve_url(const std::string& base, const std::string& reference) {
  const auto is_plain = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '\\'; };
  const bool is_usable = !reference.empty() && reference.size() <= kUrlOctetsMax &&
                         std::all_of(reference.begin(), reference.end(), is_plain);
  const Parser parser(curl_url());
  if (!is_usable || !parser || !url_problem(base).empty()) return "";
  // Set upon another URL, a relative one is resolved against it.
  if (curl_url_set(parser.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK) return "";
  if (curl_url_set(parser.get(), CURLUPART_URL, reference.c_str(), 0) != CURLUE_OK) return "";
  char* text = nullptr;
  if (curl_url_get(parser.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return url_problem(out).empty() ? out : "";
}

std::string url_problem(const std::string& url) {
  const auto parsed = parse_web_url(url);
  return parsed ? "" : parsed.error().details;
}

}  // namespace konekwa::net
