// One HTTP exchange on libcurl's easy interface: its options, the guard at connect time, the caps, and what became of
// it. Lives on the web client's thread; libcurl keeps pointers into it while it is under way.
#pragma once

#include <memory>
#include <string>

#include "daemon/net/address_policy.h"
#include "daemon/net/web_client.h"

namespace konekwa::net {

class Transfer {
 public:
  // `allowed` outlives it. Each exchange of a chain of redirects is a Transfer; `hop` counts them from 0.
  Transfer(WebRequest request, const AllowList& allowed, WebClient::Done done, int hop = 0);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Makes the easy handle (a CURL*). A failure here is a request that could never go.
  Result<> prepare();
  void* handle() const;

  // After libcurl is through with it; `code` is its CURLcode.
  Result<WebResponse> result(int code);
  // The next exchange when this one was redirected and is to be followed, with `done` of this one; null when there is
  // none.
  std::unique_ptr<Transfer> next_hop();

  WebClient::Done done;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::net
