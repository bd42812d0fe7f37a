#include "tests/sim/receiver.h"

#include "tests/sim/cdn.h"

namespace konekwa::sim {

net::WebResponse answer_with(int status, std::string body) {
  net::WebResponse out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

void SimWebClient::fetch(net::WebRequest request, Done done) {
  const auto delay = Duration(static_cast<std::int64_t>(1 + random_.below(static_cast<std::uint64_t>(max_))));
  const std::uint64_t number = ++count_;
  under_way_[number] = loop_.after(delay, [this, number, request = std::move(request), done = std::move(done)] {
    const Timer finished = std::move(under_way_[number]);
    under_way_.erase(number);
    arrive(request, done);
  });
}

void ReceiverClient::arrive(const net::WebRequest& request, const Done& done) {
  if (request.method == "GET") {
    const auto page = receiver_.pages.find(request.url);
    if (page == receiver_.pages.end()) return done(answer_with(404));
    auto answer = file_answer(request, page->second);
    if (answer && page->second.starts_with("<")) answer->content_type = "text/html";
    return done(std::move(answer));
  }
  std::string id;
  for (const auto& [name, value] : request.headers) {
    if (name == "webhook-id") id = value;
  }
  enum class Outcome : std::uint64_t { RequestLost, Refused, AnswerLost, Accepted };
  const bool is_struck = random().unit() < receiver_.failure_rate;
  const auto outcome = is_struck ? static_cast<Outcome>(random().below(3)) : Outcome::Accepted;
  if (outcome == Outcome::RequestLost) return done(fail(ErrorCode::TIMEOUT, "the request was lost"));
  receiver_.deliveries.push_back({id, request.url, request.body, outcome != Outcome::Refused});
  if (outcome == Outcome::Refused) return done(answer_with(500));
  if (outcome == Outcome::AnswerLost) return done(fail(ErrorCode::NETWORK, "the answer was lost"));
  done(answer_with(200));
}

}  // namespace konekwa::sim
