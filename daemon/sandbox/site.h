// What the port answers without a WebSocket, free of sockets: the admin API, media, and a few pages. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/sandbox/media_store.h"
#include "daemon/sandbox/sandbox.h"

namespace konekwa::sandbox {

struct SiteRequest {
  std::string method, target, range;             // range: the header, "" without one
};

struct SiteAnswer {
  int status = 200;
  std::string type = "text/plain";
  std::string body = {};
  std::string file = {};                         // instead of a body: `length` octets of this file, from `from` on
  std::uint64_t from = 0, length = 0, size = 0;  // size: of the whole file
  Duration delay{};                              // before it is answered
};

class Site {
 public:
  explicit Site(Sandbox& sandbox) : sandbox_(sandbox) {}

  Sandbox& sandbox() { return sandbox_; }

  // The file that the body of this request goes to; without one the body is short and goes to answer().
  static bool takes_file(const SiteRequest& request);
  std::unique_ptr<IncomingFile> new_file();
  SiteAnswer answer(const SiteRequest& request, IncomingFile& file);
  SiteAnswer answer(const SiteRequest& request, const std::string& body);

 private:
  SiteAnswer of(const SandboxAnswer& answer, const SiteRequest& request) const;
  SiteAnswer download(const SiteRequest& request);
  SiteAnswer picture(const std::string& path);
  std::string version_page() const;

  Sandbox& sandbox_;
};

// The part of a file that a Range header asks for: "bytes=FROM-[TO]" or "bytes=-LAST". Nothing: the whole file, because
// there is no header or one of another kind. `length` 0: it lies beyond the end.
struct FileRange {
  std::uint64_t from = 0, length = 0;
};
std::optional<FileRange> parse_range(const std::string& header, std::uint64_t size);

}  // namespace konekwa::sandbox
