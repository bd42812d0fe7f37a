// The pictures of accounts and groups: one JPEG each, kept in the state file, and the addresses that clients fetch them
// from. A picture is not looked into, so its preview is the picture itself. Loop thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/bytes.h"
#include "common/json.h"
#include "common/time.h"
#include "daemon/wa/jid.h"

namespace konekwa::sandbox {

inline constexpr std::size_t kPictureBytesMax = 1u << 20;

class Pictures {
 public:
  struct Picture {
    std::string id;                                     // decimal; another one for each change
    std::string jpeg;
  };

  static bool is_picture(ByteView bytes);               // as far as WhatsApp takes it: a JPEG that is not too large
  // `owner` is a LID or a group.
  const Picture& set(const wa::Jid& owner, ByteView jpeg, Time now);
  bool erase(const wa::Jid& owner);
  const Picture* find(const wa::Jid& owner) const;

  static bool is_path(const std::string& path);
  static std::string path_of(const Picture& picture);
  const Picture* at_path(const std::string& path) const;  // the present ones only

  Json describe() const;                                // for the state file
  bool restore(const Json& json);                       // false: damaged

 private:
  std::map<std::string, Picture> by_owner_;
  std::uint64_t newest_id_ = 0;
};

}  // namespace konekwa::sandbox
