// Where a file is put at a host of the CDN, and where it is fetched.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "common/json.h"
#include "daemon/wa/media.h"

namespace konekwa::wa {
namespace {

constexpr std::size_t kPathMax = 4096;
constexpr std::size_t kUrlMax = 8192;

// Stickers travel as images, which is what every client but WhatsApp Web itself does.
std::string mms_type(MediaKind kind) {
  return std::string(to_string(kind == MediaKind::Sticker ? MediaKind::Image : kind));
}

bool is_printable(char c) { return c > ' ' && c < '\x7f'; }

bool is_unreserved(char c) {
  constexpr std::string_view kMarks = "-._~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != std::string_view::npos;
}

// The hash in a download is padded, the token of an upload is not: what clients that work send.
std::string padded_base64url(ByteView octets) {
  std::string out = to_base64url(octets);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string percent_encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

bool is_web_url(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://")) && text.size() <= kUrlMax &&
         std::all_of(text.begin(), text.end(), is_printable);
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::string upload_url(const std::string& base_and_host, MediaKind kind, ByteView enc_sha256, const std::string& auth) {
  const std::string token = to_base64url(enc_sha256);
  return base_and_host + "/mms/" + mms_type(kind) + "/" + token + "?auth=" + percent_encoded(auth) + "&token=" + token;
}

// "//x" and "/\x" would be other hosts to some readers of URLs, and what follows '#' would not be sent.
bool is_direct_path(std::string_view text) {
  if (text.size() < 2 || text.size() > kPathMax || text[0] != '/' || text[1] == '/') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_printable(c) && c != '\\' && c != '#'; });
}

std::string download_url(const std::string& base_and_host, const MediaFile& file) {
  if (!is_direct_path(file.direct_path)) return "";
  std::string url = base_and_host + file.direct_path;
  url += file.direct_path.find('?') == std::string::npos ? '?' : '&';
  if (!file.enc_sha256.empty()) url += "hash=" + padded_base64url(file.enc_sha256) + "&";
  return url + "mms-type=" + mms_type(file.kind) + "&__wa-mms=";
}

Result<Uploaded> parse_upload_answer(const std::string& json) {
  const auto answer = parse_json(json);
  if (!answer || !answer->is_object()) return fail(ErrorCode::PROTOCOL, "the answer to an upload is no JSON object");
  Uploaded uploaded{text_of(*answer, "url"), text_of(*answer, "direct_path")};
  if (!is_web_url(uploaded.url)) return fail(ErrorCode::PROTOCOL, "the answer to an upload has no url");
  if (!is_direct_path(uploaded.direct_path)) {
    return fail(ErrorCode::PROTOCOL, "the answer to an upload has no direct_path");
  }
  return uploaded;
}

}  // namespace konekwa::wa
