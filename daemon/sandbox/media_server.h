// The simulated CDN: encrypted files that clients and phones upload, and the addresses they get. It knows the protocol
// and no sockets: the listener streams the bodies, and tests call it as they are. Loop thread.
//
// POST /mms/TYPE/TOKEN?auth=&token=  TOKEN is base64url of the SHA-256 of the body, with or without padding
//   200 {"url","direct_path"}; 401 no valid auth; 415 the body has another hash; 404 for &resume=1
// GET direct_path[&hash=TOKEN&mms-type=]  404 was never there, or `hash` is another's; 410 has expired
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/loop.h"
#include "common/random.h"
#include "daemon/sandbox/faults.h"
#include "daemon/sandbox/media_store.h"

namespace konekwa::sandbox {

inline constexpr Duration kMediaAuthLifetime = seconds(6 * 60 * 60);
inline constexpr std::size_t kMediaAuthsMax = 10'000;
inline constexpr std::size_t kExpiredPathsMax = 100'000;

inline const std::string kFileKeyPrefix = "file ";  // of files of the admin API in the store; their SHA-256 follows

struct MediaAnswer {
  int status = 200;
  std::string body = {};                         // of an upload: JSON
  const MediaStore::File* file = nullptr;        // of a download
};

class MediaServer {
 public:
  // `base`: "http://host:port", what the addresses that it gives begin with.
  MediaServer(Loop& loop, Random& random, Faults& faults, std::string base);

  static bool is_upload(const std::string& target);
  static bool is_download(const std::string& target);
  std::string new_auth();                        // for a media_conn answer

  MediaAnswer upload(const std::string& target, IncomingFile& file);
  MediaAnswer download(const std::string& target) const;

  // The same for phones, which need no auth. `type` as in the address: "image", "document" ...
  struct Stored {
    std::string url, direct_path;
  };
  Stored keep(const std::string& type, const std::string& path, ByteView enc_sha256);
  // From here on 410 for one address, or with "" for all. The number of files that went.
  std::size_t expire(const std::string& direct_path);

  MediaStore& store() { return store_; }

 private:
  bool is_valid(const std::string& auth) const;

  Loop& loop_;
  Random& random_;
  Faults& faults_;
  const std::string base_;
  MediaStore store_;
  std::map<std::string, Time> auths_;            // until when
  std::set<std::string> expired_;                // paths
};

// What follows in an address behind '?' or '&': clients append parameters with either.
std::string path_of_target(const std::string& target);
std::string parameter_of(const std::string& target, std::string_view name);   // percent-decoded; "": absent

}  // namespace konekwa::sandbox
