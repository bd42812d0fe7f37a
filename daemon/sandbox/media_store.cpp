#include "daemon/sandbox/media_store.h"

#include "common/bytes.h"

namespace konekwa::sandbox {

std::string MediaStore::path_of(const std::string& target) { return target.substr(0, target.find_first_of("?&")); }

void MediaStore::put(const std::string& path, std::string bytes) {
  if (bytes.size() > kMediaBytesMax || files_.contains(path)) return;
  while (size_ + bytes.size() > kMediaBytesMax) {
    size_ -= files_.at(order_.front()).size();
    files_.erase(order_.front());
    order_.pop_front();
  }
  size_ += bytes.size();
  order_.push_back(path);
  files_[path] = std::move(bytes);
}

const std::string* MediaStore::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace konekwa::sandbox
