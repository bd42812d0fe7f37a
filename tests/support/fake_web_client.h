// A WebClient that records what is asked and answers what the test says: from a script, by a function, or later by
// hand. Answers are posted to the loop, like those of the real one.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "daemon/net/web_client.h"

namespace konekwa::test {

class FakeWebClient final : public net::WebClient {
 public:
  using Answer = Result<net::WebResponse>;
  using Responder = std::function<std::optional<Answer>(const net::WebRequest&)>;

  explicit FakeWebClient(Loop& loop) : loop_(loop) {}

  void fetch(net::WebRequest request, Done done) override {
    requests.push_back(request);
    std::optional<Answer> answer;
    if (!script.empty()) {
      answer = script.front();
      script.pop_front();
    } else if (responder) {
      answer = responder(request);
    }
    if (answer) return post(std::move(done), std::move(*answer));
    held_.push_back(std::move(done));
  }

  static Answer status(int code) {
    net::WebResponse response;
    response.status = code;
    return response;
  }

  // Answers the oldest request that is held.
  void answer(Answer result) {
    Done done = std::move(held_.at(0));
    held_.erase(held_.begin());
    post(std::move(done), std::move(result));
  }
  std::size_t held() const { return held_.size(); }

  std::vector<net::WebRequest> requests;
  std::deque<Answer> script;    // first
  Responder responder;          // then; no answer: the request is held

 private:
  void post(Done done, Answer result) {
    loop_.post([is_alive = std::weak_ptr<int>(alive_), done = std::move(done), result = std::move(result)] {
      if (!is_alive.expired()) done(result);
    });
  }

  Loop& loop_;
  std::vector<Done> held_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace konekwa::test
