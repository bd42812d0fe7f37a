#include "daemon/sandbox/site.h"

#include <charconv>

#include <fmt/format.h>

#include "daemon/sandbox/media_server.h"
#include "daemon/sandbox/pictures.h"

namespace konekwa::sandbox {
namespace {

constexpr std::string_view kAdminPath = "/admin";
constexpr std::string_view kFilesPath = "/admin/files";
constexpr std::string_view kVersionPath = "/sw.js";
constexpr const char* kJson = "application/json";
constexpr const char* kOctets = "application/octet-stream";

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

SiteAnswer file_answer(const std::string& path, std::uint64_t size, const std::string& type, const std::string& range) {
  SiteAnswer answer;
  answer.type = type;
  answer.file = path;
  answer.length = answer.size = size;
  const auto part = parse_range(range, size);
  if (!part) return answer;
  if (part->length == 0) return {416, "text/plain", "the range is beyond the end\n", {}, 0, 0, size};
  answer.status = 206;
  answer.from = part->from;
  answer.length = part->length;
  return answer;
}

}  // namespace

std::optional<FileRange> parse_range(const std::string& header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  std::string_view text(header);
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto from = number_of(text.substr(0, dash));
  const auto to = number_of(text.substr(dash + 1));
  if (dash == 0) {
    if (!to) return std::nullopt;
    const std::uint64_t length = std::min(*to, size);
    return FileRange{size - length, length};
  }
  const bool has_end = dash + 1 < text.size();
  if (!from || (has_end && (!to || *to < *from))) return std::nullopt;
  if (*from >= size) return FileRange{};
  const std::uint64_t last = has_end ? std::min(*to, size - 1) : size - 1;
  return FileRange{*from, last - *from + 1};
}

bool Site::takes_file(const SiteRequest& request) {
  return request.method == "POST" &&
         (MediaServer::is_upload(request.target) || path_of_target(request.target) == kFilesPath);
}

std::unique_ptr<IncomingFile> Site::new_file() {
  const auto path = sandbox_.media().store().new_path();
  return std::make_unique<IncomingFile>(path ? *path : "");
}

SiteAnswer Site::answer(const SiteRequest& request, IncomingFile& file) {
  if (!MediaServer::is_upload(request.target)) return of(sandbox_.admin_file(file), request);
  const MediaAnswer answer = sandbox_.media().upload(request.target, file);
  SiteAnswer out{answer.status, kJson, answer.body};
  out.delay = sandbox_.media_delay();
  return out;
}

SiteAnswer Site::answer(const SiteRequest& request, const std::string& body) {
  const std::string path = path_of_target(request.target);
  SiteAnswer out;
  if (path == "/") {
    out.body = "ok\n";
  } else if (path == kVersionPath) {
    out.type = "text/javascript";
    out.body = version_page();
  } else if (path == kAdminPath || path.starts_with(std::string(kAdminPath) + "/")) {
    return of(sandbox_.admin(request.method, request.target, body), request);
  } else if (Pictures::is_path(path)) {
    return picture(path);
  } else if (request.method == "GET" && MediaServer::is_download(request.target)) {
    return download(request);
  } else {
    out.status = 404;
    out.body = "there is nothing here\n";
  }
  return out;
}

SiteAnswer Site::of(const SandboxAnswer& answer, const SiteRequest& request) const {
  if (!answer.file.empty()) return file_answer(answer.file, answer.file_size, answer.file_type, request.range);
  return {answer.status, kJson, answer.body + "\n"};
}

SiteAnswer Site::download(const SiteRequest& request) {
  const MediaAnswer found = sandbox_.media().download(request.target);
  SiteAnswer out{found.status, kJson, found.body};
  if (found.file) out = file_answer(found.file->path, found.file->size, kOctets, request.range);
  out.delay = sandbox_.media_delay();
  return out;
}

SiteAnswer Site::picture(const std::string& path) {
  const Pictures::Picture* found = sandbox_.pictures().at_path(path);
  if (!found) return {404, "text/plain", "there is no such picture\n"};
  return {200, "image/jpeg", found->jpeg};
}

// The last number of the version stands in the page's settings.
std::string Site::version_page() const {
  const std::string version = sandbox_.web_version();
  return fmt::format("self.settings = JSON.parse(\"{{\\\"client_revision\\\":{}}}\");\n",
                     version.substr(version.rfind('.') + 1));
}

}  // namespace konekwa::sandbox
