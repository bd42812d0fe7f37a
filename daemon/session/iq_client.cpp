#include "daemon/session/iq_client.h"

namespace konekwa::session {
namespace {

Result<wa::Node> outcome(const wa::Node& iq) {
  if (iq.attr("type") == "result") return iq;
  const wa::Node* error = iq.child("error");
  if (error == nullptr) return fail(ErrorCode::PROTOCOL, "an iq error without a reason");
  return fail(ErrorCode::PROTOCOL, fmt::format("{} {}", error->attr("code"), error->attr("text")));
}

}  // namespace

IqClient::IqClient(Loop& loop, Random& random, Send send)
    : loop_(loop), send_(std::move(send)), prefix_(fmt::format("{}.{}-", random.below(256), random.below(256))) {}

IqClient::~IqClient() = default;

std::string IqClient::next_id() { return prefix_ + std::to_string(++count_); }

void IqClient::request(const wa::Node& iq, Done done, Duration timeout) {
  const std::string id = iq.attr("id");
  KONEKWA_ASSERT(!id.empty() && !waiting_.contains(id));
  Timer timer = loop_.after(timeout, [this, id] {
    auto entry = waiting_.extract(id);
    if (!entry.empty()) entry.mapped().done(fail(ErrorCode::TIMEOUT, "WhatsApp did not answer a request"));
  });
  waiting_.emplace(id, Waiting{std::move(done), std::move(timer)});
  send_(iq);
}

bool IqClient::take_answer(const wa::Node& iq) {
  const std::string type = iq.attr("type");
  if (type != "result" && type != "error") return false;
  auto entry = waiting_.extract(iq.attr("id"));
  if (entry.empty()) return false;
  entry.mapped().timeout.reset();
  entry.mapped().done(outcome(iq));
  return true;
}

void IqClient::fail_all(const Error& why) {
  auto all = std::move(waiting_);
  waiting_.clear();
  for (auto& [id, waiting] : all) waiting.done(fail(why));
}

}  // namespace konekwa::session
