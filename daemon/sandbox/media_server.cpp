#include "daemon/sandbox/media_server.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/json.h"

namespace konekwa::sandbox {
namespace {

constexpr std::string_view kUploadPath = "/mms/";
constexpr std::string_view kDownloadPath = "/v/";
constexpr Duration kLinkLifetime = seconds(30 * 24 * 60 * 60);
constexpr std::size_t kPathIdBytes = 8;

// The buckets of WhatsApp's own addresses.
struct Bucket {
  std::string_view type, name;
};
constexpr Bucket kBuckets[] = {{"image", "t62.7118-24"},   {"video", "t62.7161-24"},      {"gif", "t62.7161-24"},
                               {"audio", "t62.7117-24"},   {"ptt", "t62.7117-24"},        {"document", "t62.7119-24"},
                               {"sticker", "t62.15575-24"}};
constexpr std::string_view kOtherBucket = "t62.7148-24";

std::string_view bucket_of(std::string_view type) {
  for (const Bucket& bucket : kBuckets) {
    if (bucket.type == type) return bucket.name;
  }
  return kOtherBucket;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_escape =
        text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0;
    if (!is_escape) {
      out.push_back(text[at]);
      continue;
    }
    out.push_back(static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2])));
    at += 2;
  }
  return out;
}

std::string without_padding(std::string token) {
  while (token.ends_with('=')) token.pop_back();
  return token;
}

std::string file_name_of(const std::string& token) { return "_" + token + "_n.enc"; }

MediaAnswer refuse(int status, const std::string& why) {
  return {status, Json{{"error", {{"code", status}, {"message", why}}}}.dump(), nullptr};
}

}  // namespace

std::string path_of_target(const std::string& target) { return target.substr(0, target.find_first_of("?&")); }

std::string parameter_of(const std::string& target, std::string_view name) {
  const std::string_view all(target);
  for (std::size_t at = all.find_first_of("?&"); at != all.npos;) {
    const std::size_t end = std::min(all.find_first_of("?&", at + 1), all.size());
    const std::string_view pair = all.substr(at + 1, end - at - 1);
    const std::size_t equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return percent_decoded(pair.substr(equals + 1));
    at = end < all.size() ? end : all.npos;
  }
  return {};
}

MediaServer::MediaServer(Loop& loop, Random& random, Faults& faults, std::string base)
    : loop_(loop), random_(random), faults_(faults), base_(std::move(base)) {}

bool MediaServer::is_upload(const std::string& target) { return target.starts_with(kUploadPath); }
bool MediaServer::is_download(const std::string& target) { return target.starts_with(kDownloadPath); }

std::string MediaServer::new_auth() {
  if (auths_.size() >= kMediaAuthsMax) auths_.clear();
  const std::string auth = to_base64url(random_.bytes(24));
  auths_[auth] = loop_.now() + kMediaAuthLifetime;
  return auth;
}

bool MediaServer::is_valid(const std::string& auth) const {
  const auto found = auths_.find(auth);
  return found != auths_.end() && found->second > loop_.now();
}

MediaAnswer MediaServer::upload(const std::string& target, IncomingFile& file) {
  const std::string path = path_of_target(target).substr(kUploadPath.size());
  const std::size_t slash = path.find('/');
  if (slash == path.npos) return refuse(404, "the path is /mms/TYPE/TOKEN");
  if (Faults::strikes(faults_.refuse_uploads)) return refuse(401, "a fault: refuse_uploads");
  if (!is_valid(parameter_of(target, "auth"))) return refuse(401, "auth is not of a media_conn, or has expired");
  if (parameter_of(target, "resume") == "1") return refuse(404, "there is nothing to go on with");
  if (Faults::strikes(faults_.fail_uploads)) return refuse(500, "a fault: fail_uploads");
  if (!file.is_good()) return refuse(507, "the file could not be written");
  const IncomingFile::Finished finished = file.release();
  const std::string token = without_padding(percent_decoded(path.substr(slash + 1)));
  const std::string hash = to_base64url(finished.sha256);
  if (token != hash || without_padding(parameter_of(target, "token")) != hash) {
    store_.discard(finished.path);
    return refuse(415, "the token is not the SHA-256 of the body");
  }
  const Stored stored = keep(path.substr(0, slash), finished.path, finished.sha256);
  return {200, Json{{"url", stored.url}, {"direct_path", stored.direct_path}}.dump(), nullptr};
}

MediaServer::Stored MediaServer::keep(const std::string& type, const std::string& file, ByteView enc_sha256) {
  const std::string token = to_base64url(enc_sha256);
  // An address of its own for each upload: one that has expired stays so when the file comes again.
  const std::string path = fmt::format("{}{}/{}{}", kDownloadPath, bucket_of(type),
                                       to_hex(random_.bytes(kPathIdBytes)), file_name_of(token));
  store_.put(path, file);
  const std::string direct_path = fmt::format("{}?ccb=11-4&oh=01_{}&oe={:X}", path, to_base64url(random_.bytes(16)),
                                              unix_seconds(loop_.now() + kLinkLifetime));
  return {base_ + direct_path, direct_path};
}

MediaAnswer MediaServer::download(const std::string& target) const {
  const std::string path = path_of_target(target);
  if (expired_.contains(path)) return refuse(410, "it has expired");
  const MediaStore::File* file = store_.find(path);
  if (!file) return refuse(404, "there is no such file");
  const std::string hash = without_padding(parameter_of(target, "hash"));
  if (!hash.empty() && !path.ends_with(file_name_of(hash))) return refuse(404, "hash is not the file's");
  return {200, {}, file};
}

std::size_t MediaServer::expire(const std::string& direct_path) {
  const std::string chosen = path_of_target(direct_path);
  if (expired_.size() > kExpiredPathsMax) expired_.clear();
  std::size_t count = 0;
  for (const std::string& path : store_.keys_with(kDownloadPath)) {
    if (!chosen.empty() && path != chosen) continue;
    expired_.insert(path);
    store_.erase(path);
    ++count;
  }
  return count;
}

}  // namespace konekwa::sandbox
