// Where the body of a request goes piece by piece, so that it is never whole in memory. A route that has one takes any
// Content-Type; the bodies of all others are JSON of ServerOptions::body_bytes_max at most.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace konekwa::http {

struct Response;

class BodySink {
 public:
  using Done = std::function<void(bool goes_on)>;      // false: no more is wanted, finish() says why
  using Respond = std::function<void(Response)>;

  virtual ~BodySink() = default;                       // without a finish: the client is gone, drop what came
  virtual std::uint64_t bytes_max() const = 0;         // of a whole body; more is answered with 413
  // `done` is called once, on any thread. The server reads the next piece after it, so a slow disk slows the client.
  virtual void write(std::string piece, Done done) = 0;
  // The body is over, or a write said false. Once.
  virtual void finish(Respond respond) = 0;
};

}  // namespace konekwa::http
