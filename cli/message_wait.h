// Waiting until an accepted message has come far enough, for `send --wait` and `messages wait`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace konekwa::cli {

struct MessageWait {
  std::string target;    // "sent", "delivered" or "read"
  std::string timeout;   // a duration
  bool runs_while_scheduled = false;   // the timeout; otherwise it begins when the message is due
};

std::string wait_problem(const std::string& target);   // for an option check
bool is_sent(std::string_view status);                 // or has come further

// Prints the message as it is in the end, or as it was `accepted` where that could not be seen: whoever sent it needs
// its id. TIMEOUT when the time is over, exit code 9 when it will never arrive, CANCELLED on Ctrl-C; the message itself
// stays in the queue.
api::Outcome<> wait_for(Context& context, const std::string& id, const MessageWait& wait,
                        const api::Response* accepted = nullptr);

// The same without a word: how it was seen last, where that decides, and what it means.
struct Waited {
  std::optional<api::Response> last;
  api::Outcome<> verdict;
};
// `begin`: of the time, by the clock's elapsed(); now when it is not given.
Waited await_message(Context& context, const std::string& id, const MessageWait& wait,
                     std::optional<Duration> begin = std::nullopt);

// "msg_1  SENT"
void print_message(Context& context, const api::Response& response, const std::string& id);

}  // namespace konekwa::cli
