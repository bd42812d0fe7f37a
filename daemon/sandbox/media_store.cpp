#include "daemon/sandbox/media_store.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "common/file_stream.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kSha256Bytes = 32;

void remove_file(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

}  // namespace

MediaStore::MediaStore(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

Result<std::string> MediaStore::new_path() {
  if (!folder_) {
    auto made = TemporaryFolder::make("konekwa-sandbox-media-");
    if (!made) return fail(made.error());
    folder_.emplace(std::move(*made));
  }
  return folder_->path() + "/" + std::to_string(next_name_++);
}

void MediaStore::put(const std::string& key, const std::string& path) {
  erase(key);
  std::error_code failed;
  const std::uint64_t size = std::filesystem::file_size(path, failed);
  if (failed || size > bytes_max_) return remove_file(path);
  while (size_ + size > bytes_max_) erase(std::string(order_.front()));
  size_ += size;
  order_.push_back(key);
  files_[key] = {path, size};
}

const MediaStore::File* MediaStore::find(const std::string& key) const {
  const auto found = files_.find(key);
  return found == files_.end() ? nullptr : &found->second;
}

bool MediaStore::erase(const std::string& key) {
  const auto found = files_.find(key);
  if (found == files_.end()) return false;
  remove_file(found->second.path);
  size_ -= found->second.size;
  files_.erase(found);
  order_.erase(std::find(order_.begin(), order_.end(), key));
  return true;
}

std::vector<std::string> MediaStore::keys_with(std::string_view prefix) const {
  std::vector<std::string> keys;
  for (const auto& [key, file] : files_) {
    if (key.starts_with(prefix)) keys.push_back(key);
  }
  return keys;
}

void MediaStore::discard(const std::string& path) { remove_file(path); }

void IncomingFile::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

IncomingFile::IncomingFile(std::string path) : path_(std::move(path)), hash_(EVP_MD_CTX_new()) {
  descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  is_good_ = descriptor_ >= 0 && hash_ && EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr) == 1;
}

IncomingFile::~IncomingFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  if (!path_.empty()) remove_file(path_);
}

bool IncomingFile::is_good() const { return is_good_; }

void IncomingFile::write(ByteView piece) {
  if (!is_good_) return;
  EVP_DigestUpdate(hash_.get(), piece.data(), piece.size());
  size_ += piece.size();
  while (!piece.empty()) {
    const ssize_t written = ::write(descriptor_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      is_good_ = false;
      return;
    }
    piece = piece.subspan(static_cast<std::size_t>(written));
  }
}

IncomingFile::Finished IncomingFile::release() {
  Finished finished{std::move(path_), size_, Bytes(kSha256Bytes)};
  path_.clear();
  EVP_DigestFinal_ex(hash_.get(), finished.sha256.data(), nullptr);
  return finished;
}

}  // namespace konekwa::sandbox
