#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kTextBytesMax = 65'536;   // the API's limit
constexpr Duration kPollFirst = milliseconds(20);
constexpr Duration kPollMax = milliseconds(500);

struct Options {
  std::string session, to, text, wait, timeout = "60s", idempotency_key;
};

// How far a message has come. Statuses that are not here come before SENT.
struct Step {
  std::string_view status;
  int rank;
};
constexpr Step kSteps[] = {{"SENT", 1}, {"DELIVERED", 2}, {"READ", 3}};
constexpr std::string_view kDead[] = {"FAILED", "EXPIRED", "CANCELLED"};
struct Target {
  std::string_view word;
  int rank;
};
constexpr Target kTargets[] = {{"sent", 1}, {"delivered", 2}, {"read", 3}};

int rank_of_status(std::string_view status) {
  for (const Step& step : kSteps) {
    if (step.status == status) return step.rank;
  }
  return 0;
}

int rank_of_target(std::string_view word) {
  for (const Target& target : kTargets) {
    if (target.word == word) return target.rank;
  }
  return 0;
}

std::string wait_problem(const std::string& word) {
  return rank_of_target(word) > 0 ? std::string() : fmt::format("not sent, delivered or read: '{}'", word);
}

bool is_dead(std::string_view status) {
  return std::find(std::begin(kDead), std::end(kDead), status) != std::end(kDead);
}

void print_message(Context& context, const api::Response& response, const std::string& id) {
  context.output.answer(response, {id}, fmt::format("{}  {}\n", id, field(response.body, "status")));
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

// What the state of the message means to one who waits for it: nothing as long as it may still change in time.
std::optional<api::Outcome<>> verdict(const Json& message, const std::string& id, const Options& options,
                                      Duration left) {
  const std::string status = field(message, "status");
  if (rank_of_status(status) >= rank_of_target(options.wait)) return api::Outcome<>();
  if (is_dead(status)) return api::failed(failure_of(message));
  if (left > Duration(0)) return std::nullopt;
  return api::failed(ErrorCode::TIMEOUT, fmt::format("the message is {} after {}", status, options.timeout),
                     fmt::format("it stays in the queue; konekwa messages show {} tells how it goes on", id));
}

api::Outcome<> wait_for(Context& context, const std::string& id, const Options& options) {
  const Duration timeout = duration_of(options.timeout);
  const Duration begin = context.clock.elapsed();
  for (Duration interval = kPollFirst;; interval = std::min(interval * 3 / 2, kPollMax)) {
    const auto response = context.client.get("/v1/messages/" + api::encode_segment(id));
    const Duration left = timeout - (context.clock.elapsed() - begin);
    if (response) {
      if (auto done = verdict(response->body, id, options, left)) {
        print_message(context, *response, id);
        return *done;
      }
    } else if (response.error().error.code != ErrorCode::UNREACHABLE || left <= Duration(0)) {
      return api::failed(response.error());   // but a daemon that restarts is worth waiting for: the message is durable
    }
    if (!context.clock.pause(std::min(interval, left))) {
      context.output.note(fmt::format("the message {} stays in the queue", id));
      return api::failed(ErrorCode::CANCELLED, "cancelled");
    }
  }
}

api::Outcome<> send(Context& context, const Options& options) {
  auto text = text_or_stdin(context, options.text, kTextBytesMax);
  if (!text) return api::failed(text.error());
  const Json body{
      {"session_id", options.session}, {"recipient", options.to}, {"message_type", "text"}, {"content", *text}};
  api::ApiClient::Headers headers;
  if (!options.idempotency_key.empty()) headers.emplace_back("Idempotency-Key", options.idempotency_key);
  auto response = context.client.post("/v1/messages", body, headers);
  if (!response) return api::failed(response.error());
  const std::string id = field(response->body, "message_id");
  if (!options.wait.empty()) return wait_for(context, id, options);
  print_message(context, *response, id);
  return {};
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--session", options->session, "Send from this session")->required()->type_name(kSessionValue);
  app.add_option("--to", options->to, "Phone number with country code, or a WhatsApp id")
      ->required()->type_name("NUMBER");
  app.add_option("--text", options->text, "The text, or - to read it from stdin")->required()->type_name("TEXT");
  app.add_option("--wait", options->wait, "Return when it has come so far")
      ->type_name("sent|delivered|read")->check(wait_problem);
  app.add_option("--timeout", options->timeout, "Wait at most so long (default: 60s)")
      ->type_name(kDurationValue)->check(duration_problem);
  app.add_option("--idempotency-key", options->idempotency_key, "Sending again with this key sends nothing twice")
      ->type_name("KEY");
  return [options](Context& context) { return send(context, *options); };
}

}  // namespace

Commands send_commands() {
  return {{"", "send", "Send a text message",
           "konekwa send --session ses_01 --to 6281234567890 --text 'Halo' --wait delivered", declare}};
}

}  // namespace konekwa::cli
