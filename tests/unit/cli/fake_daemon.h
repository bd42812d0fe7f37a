// A daemon that answers what a test tells it to and records what it was asked, over a real Unix socket or TCP.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace konekwa::cli {

struct Asked {
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string header(const std::string& name) const;   // "" when it was not sent
};

struct Answered {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

class FakeDaemon {
 public:
  using Handler = std::function<Answered(const Asked&)>;
  enum class Road { Unix, Tcp };
  explicit FakeDaemon(Handler handler, Road road = Road::Unix);
  ~FakeDaemon();

  std::string url() const;
  std::vector<Asked> asked() const;
  std::size_t connections() const;   // how many the client has opened

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::cli
