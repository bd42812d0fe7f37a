// A WebClient as a test wants it: one call, one answer.
#pragma once

#include <catch2/catch.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "daemon/net/web_client.h"

namespace konekwa::test {

// A loop that other threads post to and the test runs by hand, waiting for real.
class QueueLoop final : public Loop {
 public:
  Time now() const override { return from_unix_seconds(1'773'137'400); }
  void post(Task task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    posted_.notify_one();
  }
  Timer after(Duration, Task) override { return {}; }
  bool is_current() const override { return true; }

  void run_one() {
    Task task;
    {
      std::unique_lock lock(mutex_);
      REQUIRE(posted_.wait_for(lock, seconds(20), [this] { return !tasks_.empty(); }));
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
  bool is_empty() const {
    const std::lock_guard lock(mutex_);
    return tasks_.empty();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Task> tasks_;
};

// A real WebClient, whose answers are waited for.
struct BlockingClient {
  explicit BlockingClient(std::vector<std::string> allowed = {"127.0.0.1"})
      : web(net::make_web_client(loop, std::move(allowed))) {}

  Result<net::WebResponse> fetch(net::WebRequest request) {
    std::optional<Result<net::WebResponse>> out;
    web->fetch(std::move(request), [&](Result<net::WebResponse> answer) { out = std::move(answer); });
    while (!out) loop.run_one();
    return *out;
  }
  Result<net::WebResponse> get(const std::string& url) {
    net::WebRequest request;
    request.method = "GET";
    request.url = url;
    return fetch(std::move(request));
  }

  QueueLoop loop;
  std::unique_ptr<net::WebClient> web;
};

}  // namespace konekwa::test
