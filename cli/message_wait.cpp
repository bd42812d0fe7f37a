#include "cli/message_wait.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr Duration kPollFirst = milliseconds(20);
constexpr Duration kPollMax = milliseconds(500);
constexpr Duration kPollScheduledMax = seconds(30);

// How far a message has come. Statuses that are not here come before SENT.
struct Step {
  std::string_view status, word;
  int rank;
};
constexpr Step kSteps[] = {{"SENT", "sent", 1}, {"DELIVERED", "delivered", 2}, {"READ", "read", 3}};
constexpr std::string_view kScheduled = "SCHEDULED", kReceived = "RECEIVED";
constexpr std::string_view kDead[] = {"FAILED", "EXPIRED", "CANCELLED"};

int rank_of(std::string_view name, std::string_view Step::*kind) {
  for (const Step& step : kSteps) {
    if (step.*kind == name) return step.rank;
  }
  return 0;
}

bool is_dead(std::string_view status) {
  return std::find(std::begin(kDead), std::end(kDead), status) != std::end(kDead);
}

// A message that will never arrive. Whatever code it carries, the exit code is that of a failed message.
api::Failure failure_of(const Json& message) {
  const Json& inner = child(message, "error");
  Error error(ErrorCode::SERVER_REJECTED, field(inner, "message"), field(inner, "details"));
  if (error.message.empty()) error.message = fmt::format("the message is {}", field(message, "status"));
  if (!inner.is_object()) return api::Failure(std::move(error));
  const std::string body = Json{{"error", inner}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  return api::Failure(std::move(error), field(inner, "code"), body);
}

class Waiter {
 public:
  Waiter(Context& context, const std::string& id, const MessageWait& wait, Duration begin)
      : context_(context), id_(id), wait_(wait), timeout_(duration_of(wait.timeout)), begin_(begin) {}

  Waited run() {
    for (;;) {
      if (is_scheduled_ && !wait_.runs_while_scheduled) begin_ = context_.clock.elapsed();
      const auto response = context_.client.get("/v1/messages/" + api::encode_segment(id_));
      if (!response && response.error().error.code == ErrorCode::CANCELLED) return cancelled();
      is_scheduled_ = response && field(response->body, "status") == kScheduled;
      const Duration interval = is_scheduled_ ? until_due(response->body) : next_interval();
      if (response) {
        if (auto done = verdict(response->body)) return {*response, *done};
      } else if (!is_retryable(response.error().error.code) || left() <= Duration(0)) {
        // But a restart of the daemon passes: the message is durable.
        return {std::nullopt, api::failed(response.error())};
      }
      if (!context_.clock.pause(interval)) return cancelled();
    }
  }

 private:
  Waited cancelled() const {
    context_.output.note(fmt::format("the message {} stays in the queue", id_));
    return {std::nullopt, api::failed(ErrorCode::CANCELLED, "cancelled")};
  }

  Duration left() const { return timeout_ - (context_.clock.elapsed() - begin_); }

  Duration next_interval() {
    const Duration interval = interval_;
    interval_ = std::min(interval_ * 3 / 2, kPollMax);
    return std::min(interval, left());
  }

  // The clocks of two machines may differ: it is asked more often the nearer the point in time is.
  Duration until_due(const Json& message) const {
    const auto due = from_rfc3339(field(message, "scheduled_at"));
    const Duration half = due ? (*due - context_.clock.now()) / 2 : kPollMax;
    const Duration longest = wait_.runs_while_scheduled ? std::clamp(left(), kPollMax, kPollScheduledMax)
                                                        : kPollScheduledMax;
    return std::clamp(half, kPollMax, longest);
  }

  // What the state means to one who waits: nothing as long as it may still change in time.
  std::optional<api::Outcome<>> verdict(const Json& message) const {
    const std::string status = field(message, "status");
    if (rank_of(status, &Step::status) >= rank_of(wait_.target, &Step::word)) return api::Outcome<>();
    if (is_dead(status)) return api::failed(failure_of(message));
    if (status == kReceived) return api::failed(ErrorCode::INVALID_REQUEST, "the message was received, not sent");
    if (left() > Duration(0)) return std::nullopt;
    return api::failed(ErrorCode::TIMEOUT, fmt::format("the message is {} after {}", status, wait_.timeout),
                       fmt::format("it stays in the queue; konekwa messages wait {} waits on", id_));
  }

  Context& context_;
  const std::string& id_;
  const MessageWait& wait_;
  const Duration timeout_;
  Duration begin_;                     // of the time that counts
  bool is_scheduled_ = false;          // when it was last looked at
  Duration interval_ = kPollFirst;
};

}  // namespace

std::string wait_problem(const std::string& target) {
  return rank_of(target, &Step::word) > 0 ? std::string() : fmt::format("not sent, delivered or read: '{}'", target);
}

bool is_sent(std::string_view status) { return rank_of(status, &Step::status) > 0; }

void print_message(Context& context, const api::Response& response, const std::string& id) {
  context.output.answer(response, {id}, fmt::format("{}  {}\n", id, field(response.body, "status")));
}

Waited await_message(Context& context, const std::string& id, const MessageWait& wait, std::optional<Duration> begin) {
  return Waiter(context, id, wait, begin.value_or(context.clock.elapsed())).run();
}

api::Outcome<> wait_for(Context& context, const std::string& id, const MessageWait& wait,
                        const api::Response* accepted) {
  Waited waited = await_message(context, id, wait);
  if (waited.last) {
    print_message(context, *waited.last, id);
  } else if (accepted != nullptr) {
    print_message(context, *accepted, id);
    const bool may_not = !waited.verdict && waited.verdict.error().error.code == ErrorCode::FORBIDDEN;
    if (may_not) waited.verdict.error().hint = "the message was accepted; only waiting for it needs this scope";
  }
  return waited.verdict;
}

}  // namespace konekwa::cli
