// Posts events to a URL of the user's machine as konekwad would: for `konekwa listen`.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/api/failure.h"
#include "common/api/url.h"
#include "common/time.h"

namespace konekwa::api {

class Forwarder {
 public:
  explicit Forwarder(Url url, Duration timeout = seconds(15));   // Http or Https; `url.path` is where it posts to
  ~Forwarder();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // The status that was answered, whatever it is; a Failure when nobody answers. Redirects are not followed.
  Outcome<int> post(const std::string& body, const Headers& headers);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::api
