#include "cli/media_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace konekwa::cli {
namespace {

constexpr std::pair<std::string_view, const char*> kTypes[] = {
    {"jpg", "image/jpeg"},       {"jpeg", "image/jpeg"},   {"png", "image/png"},        {"webp", "image/webp"},
    {"gif", "image/gif"},        {"heic", "image/heic"},   {"mp4", "video/mp4"},        {"m4v", "video/mp4"},
    {"3gp", "video/3gpp"},       {"mov", "video/quicktime"}, {"webm", "video/webm"},    {"ogg", "audio/ogg"},
    {"oga", "audio/ogg"},        {"opus", "audio/ogg"},    {"mp3", "audio/mpeg"},       {"m4a", "audio/mp4"},
    {"aac", "audio/aac"},        {"amr", "audio/amr"},     {"wav", "audio/wav"},        {"pdf", "application/pdf"},
    {"zip", "application/zip"},  {"txt", "text/plain"},    {"csv", "text/csv"},         {"json", "application/json"},
    {"doc", "application/msword"},
    {"xls", "application/vnd.ms-excel"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

bool is_url(const std::string& text) {
  for (const char* scheme : {"http://", "https://", "konekwa://"}) {
    if (lower(text.substr(0, 16)).starts_with(scheme)) return true;
  }
  return false;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string mimetype_of(const std::string& path) {
  const std::string name = lower(base_name(path));
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return {};
  const std::string_view ending = std::string_view(name).substr(dot + 1);
  const auto found =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& type) { return type.first == ending; });
  return found == std::end(kTypes) ? "" : found->second;
}

bool has_own_name(const std::string& path) {
  return path != "-" && !path.starts_with("/dev/") && !path.starts_with("/proc/");
}

namespace {

constexpr std::size_t kPipeBytesMax = 100u << 20;   // konekwad's --media-bytes-max, unless it was given
constexpr std::size_t kPieceBytes = 64 * 1024;

mode_t kind_of(const std::string& path) {
  struct stat about {};
  return path == "-" ? S_IFIFO : ::stat(path.c_str(), &about) == 0 ? about.st_mode & S_IFMT : 0;
}

api::Outcome<std::string> whole_of(std::istream& in, const std::string& path) {
  const std::string name = path == "-" ? "stdin" : path;
  std::string out;
  std::vector<char> piece(kPieceBytes);
  while (in.read(piece.data(), kPieceBytes), in.gcount() > 0) {
    out.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (out.size() <= kPipeBytesMax) continue;
    return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{} holds more than {} bytes", name, kPipeBytesMax),
                       "what is larger has to be in a file, and konekwad's --media-bytes-max says how large it may be");
  }
  const bool is_folder = path == "-" && kind_of("/dev/stdin") == S_IFDIR;
  if (in.bad() || (is_folder && out.empty())) return api::failed(api::unreadable(path == "-" ? "/dev/stdin" : path));
  if (!out.empty()) return out;
  return api::failed(ErrorCode::INVALID_REQUEST,
                     fmt::format("cannot read {}: {}", name, "the pipe ended before anything came"));
}

api::Outcome<std::string> octets_of_pipe(const Context& context, const std::string& path) {
  if (path != "-") {
    std::ifstream file(path, std::ios::binary);
    return file ? whole_of(file, path) : api::failed(api::unreadable(path));
  }
  if (!context.is_in_tty) return whole_of(context.in, path);
  return api::failed(ErrorCode::INVALID_REQUEST, "a file is not typed at a keyboard", "name a file, or use a pipe");
}

}  // namespace

api::Outcome<api::Response> upload_file(Context& context, const std::string& path, std::string filename,
                                        std::string mimetype) {
  if (mimetype.empty()) mimetype = mimetype_of(path);
  if (mimetype.empty()) mimetype = mimetype_of(filename);
  if (mimetype.empty()) mimetype = "application/octet-stream";   // which says nothing
  if (filename.empty() && has_own_name(path)) filename = base_name(path);
  const std::string target = api::with_query("/v1/media", {{"filename", filename}});
  const mode_t kind = kind_of(path);
  if (kind == S_IFCHR || kind == S_IFBLK) return api::failed(api::unreadable(path));
  if (kind != S_IFIFO) return context.client.upload(target, path, mimetype);
  const auto octets = octets_of_pipe(context, path);
  if (!octets) return api::failed(octets.error());
  return context.client.upload_octets(target, *octets, mimetype);
}

namespace {

// A pipe, a terminal or a device: what is written there cannot be put in its place at the end.
bool is_no_file(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode);
}

// Where a link leads; a link stays one.
std::string real_path(const std::string& path) {
  std::error_code failed;
  const auto real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

// Writes a file from pieces: nothing is at `path` until all of it is. "-" is stdout, whose failures run() tells of.
class FileWriter {
 public:
  FileWriter(Context& context, const std::string& path)
      : context_(context), is_stdout_(path == "-"), is_direct_(is_no_file(path)), name_(path),
        path_(is_direct_ ? path : real_path(path)), part_(is_direct_ ? path_ : path_ + ".part") {}

  ~FileWriter() {   // without finish() nothing is left
    if (fd_ < 0) return;
    ::close(fd_);
    if (!is_direct_) ::unlink(part_.c_str());
  }
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  api::Outcome<> open() {
    if (is_stdout_) return {};
    constexpr mode_t kUsual = 0666;   // less what the umask takes
    fd_ = ::open(part_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | (is_direct_ ? 0 : O_CREAT | O_TRUNC | O_NOFOLLOW),
                 kUsual);
    if (fd_ < 0) return api::failed(ErrorCode::INVALID_REQUEST, cannot_write());
    struct stat before {};
    if (!is_direct_ && ::stat(path_.c_str(), &before) == 0) take_over(before);
    return {};
  }

  bool write(std::string_view piece) {
    if (is_stdout_) {
      context_.output.raw(piece);
      return context_.output.can_write();
    }
    while (!piece.empty() && number_ == 0) {
      const ssize_t written = ::write(fd_, piece.data(), piece.size());
      if (written < 0) number_ = errno;
      else piece.remove_prefix(static_cast<std::size_t>(written));
    }
    return number_ == 0;
  }

  // What is there is whole after a power cut too.
  api::Outcome<> finish() {
    if (is_stdout_) return {};
    if (number_ == 0 && !is_direct_ && ::fsync(fd_) != 0) number_ = errno;
    if (number_ == 0 && !is_direct_ && std::rename(part_.c_str(), path_.c_str()) != 0) number_ = errno;
    if (number_ != 0) return api::failed("OUTPUT_FAILED", cannot_write());
    ::close(std::exchange(fd_, -1));
    return {};
  }

 private:
  std::string cannot_write() const {
    return fmt::format("cannot write {}: {}", name_, std::strerror(number_ == 0 ? errno : number_));
  }

  // Of the file that it replaces: who may read it, and whose it is, where that may be given away.
  void take_over(const struct stat& before) const {
    constexpr mode_t kPermissions = 0777;
    constexpr auto kSame = static_cast<uid_t>(-1);
    const bool is_given = ::fchown(fd_, before.st_uid, before.st_gid) == 0 || ::fchown(fd_, kSame, before.st_gid) == 0;
    static_cast<void>(is_given);   // otherwise it is our own
    ::fchmod(fd_, before.st_mode & kPermissions);
  }

  Context& context_;
  const bool is_stdout_, is_direct_;
  const std::string name_, path_, part_;
  int fd_ = -1;
  int number_ = 0;   // of what went wrong
};

}  // namespace

api::Outcome<> download_file(Context& context, const std::string& target, const std::string& path,
                             const std::function<void(std::size_t)>& told, Duration answer_timeout) {
  FileWriter writer(context, path);
  if (const auto opened = writer.open(); !opened) return opened;
  bool has_failed = false;
  const auto write = [&](std::string_view piece) {
    if (told) told(piece.size());
    has_failed = !writer.write(piece);
    return !has_failed;
  };
  const auto done = context.client.download(target, write, answer_timeout);
  // Ctrl-C ends a write as well, to a pipe that nobody reads.
  if (has_failed && !context.clock.pause(Duration(0))) return api::failed(ErrorCode::CANCELLED, "cancelled");
  return done || has_failed ? writer.finish() : done;
}

}  // namespace konekwa::cli
