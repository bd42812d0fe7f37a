// The bytes that clients upload, by path, in memory. They are encrypted by their senders; nothing is looked at.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace konekwa::sandbox {

inline constexpr std::size_t kMediaBytesMax = 64u << 20;  // of all together; the oldest go first

class MediaStore {
 public:
  static std::string path_of(const std::string& target);  // up to the first '?' or '&': clients append parameters
  void put(const std::string& path, std::string bytes);
  const std::string* find(const std::string& path) const;

 private:
  std::map<std::string, std::string> files_;
  std::deque<std::string> order_;
  std::size_t size_ = 0;
};

}  // namespace konekwa::sandbox
