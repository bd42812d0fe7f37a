// A body that is not whole in memory: pieces as they come, until the client goes or the source ends it. An event stream
// has no end; of a file the length is told before (Response::length), and a source that ends sooner breaks it off.
#pragma once

#include <functional>
#include <string>

namespace konekwa::http {

class BodySource {
 public:
  using Deliver = std::function<void(std::string piece)>;   // "" ends the body

  virtual ~BodySource() = default;                          // the client is gone, the body is over, or the server stops
  // Asks for the next piece. `deliver` is called once, on any thread. The server asks again when that is written, so a
  // slow client slows its source down. A source without news delivers a comment now and then: that is how a client
  // that has vanished is noticed.
  virtual void next(Deliver deliver) = 0;
};

}  // namespace konekwa::http
