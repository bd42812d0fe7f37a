#include "daemon/net/file_body.h"

#include <algorithm>

namespace konekwa::net {

Result<UploadBody> UploadBody::open(const std::string& path) {
  auto file = InputFile::open(path);
  if (!file) return fail(file.error());
  return UploadBody(std::move(*file));
}

Result<std::size_t> UploadBody::read(std::span<std::uint8_t> out) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size() - sent_));
  const auto got = file_.read(out.first(wanted));
  if (!got) return got;
  if (*got != wanted) return fail(ErrorCode::STORAGE_UNAVAILABLE, "a file shrank while it was sent");
  sent_ += *got;
  return got;
}

Result<> UploadBody::rewind() {
  sent_ = 0;
  return file_.rewind();
}

Result<> DownloadBody::expect(std::uint64_t size) const {
  if (size <= bytes_max_) return {};
  return fail(ErrorCode::PAYLOAD_TOO_LARGE, fmt::format("larger than {} bytes", bytes_max_));
}

Result<> DownloadBody::add(ByteView more) {
  if (auto fits = expect(size_ + more.size()); !fits) return fits;
  if (auto made = make(); !made) return made;
  size_ += more.size();
  return file_->write(more);
}

Result<> DownloadBody::keep() {
  if (auto made = make(); !made) return made;   // of an empty body
  return file_->keep();
}

Result<> DownloadBody::make() {
  if (file_) return {};
  auto file = NewFile::create(path_);
  if (!file) return fail(file.error());
  file_.emplace(std::move(*file));
  return {};
}

}  // namespace konekwa::net
