#include "cli/media_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>

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

api::Outcome<api::Response> upload_file(Context& context, const std::string& path, std::string filename,
                                        std::string mimetype) {
  if (filename.empty()) filename = base_name(path);
  if (mimetype.empty()) mimetype = mimetype_of(path);
  if (mimetype.empty()) mimetype = "application/octet-stream";   // which says nothing
  return context.client.upload(api::with_query("/v1/media", {{"filename", filename}}), path, mimetype);
}

namespace {

// What stands under its name is whole after a power cut too.
bool is_synced(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool is_done = ::fsync(fd) == 0;
  ::close(fd);
  return is_done;
}

}  // namespace

class FileWriter::Impl {
 public:
  Impl(Context& c, std::string p) : context(c), path(std::move(p)), is_stdout(path == "-"), part(path + ".part") {
    if (!is_stdout) file.open(part, std::ios::binary | std::ios::trunc);
  }

  Context& context;
  const std::string path;
  const bool is_stdout;
  const std::string part;
  std::ofstream file;
  bool is_whole = false;
};

FileWriter::FileWriter(Context& context, std::string path)
    : impl_(std::make_unique<Impl>(context, std::move(path))) {}

FileWriter::~FileWriter() {
  if (!impl_->is_stdout && !impl_->is_whole && impl_->file.is_open()) std::remove(impl_->part.c_str());
}

bool FileWriter::write(std::string_view piece) {
  if (impl_->is_stdout) {
    impl_->context.output.raw(piece);
    return impl_->context.output.can_write();
  }
  impl_->file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  return impl_->file.good();
}

api::Outcome<> FileWriter::finish() {
  if (impl_->is_stdout) return {};
  impl_->file.close();
  impl_->is_whole = !impl_->file.fail() && is_synced(impl_->part) &&
                    std::rename(impl_->part.c_str(), impl_->path.c_str()) == 0;
  if (impl_->is_whole) return {};
  std::remove(impl_->part.c_str());
  return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("cannot write {}", impl_->path));
}

}  // namespace konekwa::cli
