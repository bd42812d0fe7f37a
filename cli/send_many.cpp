#include "cli/send_many.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/random.h>

#include "cli/media_file.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "common/sha256.h"

namespace konekwa::cli {
namespace {

constexpr Duration kRetryFirst = milliseconds(200), kRetryMax = seconds(5);
constexpr Duration kPatience = seconds(60);              // with a daemon that restarts or is full
constexpr std::size_t kKeyLetters = 40;
constexpr const char* kDoubt = "nobody knows whether it was done";
constexpr const char* kRefused = "REFUSED";
constexpr const char* kUsualCode = "INVALID_RECIPIENT";
constexpr const char* kUsualId = "msg_01m8fkd3tmc8aye36cvvhma6qe";   // as wide as they are

std::string random_word() {
  std::array<std::uint8_t, 16> octets{};
  const ssize_t got = ::getrandom(octets.data(), octets.size(), 0);
  KONEKWA_ASSERT(got == static_cast<ssize_t>(octets.size()));
  return to_hex(octets);
}

const std::vector<std::string> kHeader = {"ROW", "RECIPIENT", "ID", "STATUS", "ERROR"};
const std::vector<std::string> kDryHeader = {"ROW", "RECIPIENT", "TYPE", "CONTENT"};

// "Budi", "Ani": what of a message is its own.
std::string content_of(const Json& body) {
  for (const char* key : {"content", "caption", "media_url", "name"}) {
    if (std::string text = field(body, key); !text.empty()) return text;
  }
  std::string values;
  const Json& given = child(body, "placeholder_values");
  for (const auto& [key, value] : given.items()) {
    values += fmt::format("{}{}={}", values.empty() ? "" : ", ", printable(key), text_of(value));
  }
  return values;
}

// Its code comes first, since a screen cuts the end.
std::string error_text(const Json& error) {
  std::string out = field(error, "code");
  for (const char* key : {"message", "details"}) {
    if (const std::string text = field(error, key); !text.empty()) out += (out.empty() ? "" : ": ") + text;
  }
  return out;
}

// What is wrong with one row is no reason to leave out the others.
bool concerns_one_row(const api::Failure& failure) {
  const int code = exit_code(failure.error.code);
  return code == exit_code(ErrorCode::INVALID_REQUEST) || failure.error.code == ErrorCode::IDEMPOTENCY_KEY_REUSED;
}

class ManySender {
 public:
  ManySender(Context& context, const ManyRequest& request, Json body, std::vector<Addressee> addressees)
      : context_(context), request_(request), body_(std::move(body)), addressees_(std::move(addressees)),
        table_(request.is_dry_run ? kDryHeader : kHeader), progress_(context, addressees_.size()),
        salt_(salt_of(request)) {
    for (const Addressee& each : addressees_) make_room(each);
  }

  api::Outcome<> run() {
    api::Outcome<> done;
    for (std::size_t i = 0; i < addressees_.size() && done; ++i) {
      progress_.show(results_.size(), failed_);
      done = send(addressees_[i]);
    }
    if (is_waiting()) {
      wait_begin_ = context_.clock.elapsed();
      for (std::size_t i = 0; i < results_.size() && done; ++i) done = await(results_[i], addressees_[i]);
      for (Result& result : results_) {   // accepted, and not looked at any more: whoever sent them needs their ids
        if (!result.is_shown) show(result);
      }
    }
    progress_.clear();
    return finish(done);
  }

 private:
  struct Result {
    Json shown;
    std::string id;   // "" when it was refused
    bool is_shown = false;
  };

  void make_room(const Addressee& addressee) {
    Json like{{"row", addressee.row}, {"recipient", addressee.recipient}};
    if (request_.is_dry_run) {
      like["body"] = body_for(addressee);
      table_.make_room(dry_row(like));
    } else {
      table_.make_room({std::to_string(addressee.row), printable(addressee.recipient), kUsualId, "DELIVERED", ""});
      like.update({{"message_id", kUsualId}, {"status", "DELIVERED"}, {"replayed", true},
                   {"error", {{"code", kUsualCode}, {"message", ""}, {"details", ""}}}});
    }
    context_.output.make_room(like);
  }

  bool is_waiting() const { return !request_.wait.target.empty(); }

  // Recipients that are only named on the command line get keys of this run: a second one sends a second message.
  static std::string salt_of(const ManyRequest& request) {
    const std::string table = has_own_name(request.csv) ? base_name(request.csv) : "-";
    if (!request.csv.empty()) return fmt::format("{}\n{}", request.key, table);
    return request.key.empty() ? random_word() : request.key;
  }

  Json body_for(const Addressee& addressee) const {
    Json body = body_;
    body["recipient"] = addressee.recipient;
    if (body.contains("template_id") && !addressee.values.empty()) body["placeholder_values"] = addressee.values;
    return body;
  }

  // The number of a row is no part of it, since rows are put in and taken out; but of two rows alike both count.
  std::string key_for(const std::string& body) {
    Sha256 hash;
    const std::string text = fmt::format("{}\n{}\n{}", salt_, body, ++alike_[body]);
    hash.add(as_bytes(text));
    return "many-" + to_hex(hash.finish()).substr(0, kKeyLetters);
  }

  api::Outcome<> send(const Addressee& addressee) {
    const Json body = body_for(addressee);
    Result result{{{"row", addressee.row}, {"recipient", addressee.recipient}}, ""};
    if (request_.is_dry_run) {
      result.shown["body"] = body;
      show(result);
      return {};
    }
    const auto response = post(body);
    if (!response && !concerns_one_row(response.error())) return api::failed(response.error());
    if (!response) {
      refuse(result, addressee, response.error());
    } else {
      result.id = field(response->body, "message_id");
      result.shown["message_id"] = result.id;
      result.shown["status"] = child(response->body, "status");
      if (response->is_replayed) look_again(result, addressee);
    }
    if (!is_waiting()) show(result);
    results_.push_back(std::move(result));
    return {};
  }

  // It was accepted before, and the answer is that of then.
  void look_again(Result& result, const Addressee& addressee) {
    ++repeated_;
    result.shown["replayed"] = true;
    if (is_waiting()) return;
    const auto now = context_.client.get("/v1/messages/" + api::encode_segment(result.id));
    if (!now) return;   // a key that may send need not be one that may read
    take_state(result, now->body);
    const Json& error = child(now->body, "error");
    if (!error.is_object()) return;
    ++failed_;
    complain(addressee, api::failure_from(http_status(ErrorCode::SERVER_REJECTED), Json{{"error", error}}.dump()));
  }

  static void take_state(Result& result, const Json& message) {
    result.shown["status"] = child(message, "status");
    if (const Json& error = child(message, "error"); error.is_object()) result.shown["error"] = error;
  }

  void refuse(Result& result, const Addressee& addressee, const api::Failure& failure) {
    ++failed_;
    result.shown["status"] = kRefused;
    const auto told = parse_json(failure.body);
    result.shown["error"] = told ? child(*told, "error") : Json();
    complain(addressee, failure);
  }

  // Where ids alone are printed, nothing else tells why there is none.
  void complain(const Addressee& addressee, api::Failure failure) {
    if (context_.output.form() != Output::Form::Ids) return;
    progress_.clear();
    failure.hint.clear();
    failure.request_id.clear();
    context_.output.failure(failure, fmt::format("{}, to {}", addressee.place(), addressee.recipient));
  }

  api::Outcome<api::Response> post(const Json& body) {
    const std::string key = key_for(body.dump(-1, ' ', false, Json::error_handler_t::replace));
    const Duration begin = context_.clock.elapsed();
    for (Duration wait = kRetryFirst;; wait = std::min(wait * 2, kRetryMax)) {
      if (!context_.clock.pause(Duration(0))) return api::failed(ErrorCode::CANCELLED, "cancelled");
      auto response = context_.client.post("/v1/messages", body, {{"Idempotency-Key", key}});
      if (response || !is_retryable(response.error().error.code)) return response;
      if (context_.clock.elapsed() - begin >= kPatience) return response;
      if (!context_.clock.pause(wait)) return api::failed(ErrorCode::CANCELLED, "cancelled");
    }
  }

  api::Outcome<> await(Result& result, const Addressee& addressee) {
    progress_.show(shown_, failed_);
    if (result.id.empty()) {
      show(result);
      return {};
    }
    const Waited waited = await_message(context_, result.id, request_.wait, wait_begin_);
    if (waited.last) take_state(result, waited.last->body);
    if (waited.verdict) {
      ++reached_;
    } else if (waited.last) {
      const api::Failure& failure = waited.verdict.error();
      ++failed_;
      if (failure.error.code == ErrorCode::TIMEOUT) {
        ++late_;
        result.shown["error"] = {{"code", to_string(ErrorCode::TIMEOUT)}, {"message", failure.error.message}};
      }
      complain(addressee, failure);
    } else {
      return waited.verdict;
    }
    show(result);
    return {};
  }

  void show(Result& result) {
    ++shown_;
    result.is_shown = true;
    if (context_.output.form() == Output::Form::Json) {
      all_.push_back(result.shown);
    } else {
      const Json& shown = result.shown;
      table_.add(request_.is_dry_run ? dry_row(shown)
                                     : std::vector{field(shown, "row"), field(shown, "recipient"), result.id,
                                                   field(shown, "status"), error_text(child(shown, "error"))});
      const std::string text = table_.take_text(context_.columns());
      progress_.clear_for_stdout();
      context_.output.answer({0, "", shown}, result.id.empty() ? std::vector<std::string>{} : std::vector{result.id},
                             text);
    }
  }

  static std::vector<std::string> dry_row(const Json& shown) {
    const Json& body = child(shown, "body");
    return {field(shown, "row"), field(shown, "recipient"), field(body, "message_type"), content_of(body)};
  }

  api::Outcome<> finish(const api::Outcome<>& done) {
    const std::size_t sent = is_waiting() ? reached_ : shown_ - std::min(failed_, shown_);
    if (context_.output.form() == Output::Form::Json) {
      const Json body{{"results", all_}, {"total", addressees_.size()}, {"sent", sent}, {"failed", failed_}};
      context_.output.raw(body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    if (request_.is_dry_run) {
      context_.output.note(fmt::format("nothing was sent; it would be {} messages", shown_));
    } else {
      context_.output.note(fmt::format("{} of {} messages {}{}", sent, addressees_.size(),
                                       is_waiting() ? request_.wait.target : "accepted",
                                       repeated_ == 0 ? "" : fmt::format(", {} of them before", repeated_)));
    }
    if (!done) return api::failed(unfinished(done.error()));
    if (failed_ == 0) return done;
    if (failed_ == late_) {
      const MessageWait& wait = request_.wait;
      return api::failed(ErrorCode::TIMEOUT, fmt::format("{} of {} messages are not {} after {}", late_,
                                                         addressees_.size(), wait.target, wait.timeout));
    }
    return api::failed("MESSAGES_FAILED", fmt::format("{} of {} messages failed", failed_, addressees_.size()));
  }

  // The keys that it was sent with are of our making; those of recipients on the command line nobody can repeat.
  api::Failure unfinished(api::Failure failure) const {
    const bool is_in_doubt = failure.hint.starts_with(kDoubt);
    if (is_waiting() && shown_ > 0 && failure.error.code == ErrorCode::FORBIDDEN) {
      failure.hint = "the messages were accepted; only waiting for them needs this scope";
      return failure;
    }
    if (!request_.csv.empty()) {
      if (is_in_doubt) failure.hint = kDoubt;
      context_.output.note("the same command goes on from here; nothing is sent twice");
    } else if (is_in_doubt && request_.key.empty()) {
      failure.hint = "nobody knows whether it was done; with --idempotency-key a repeated send is safe";
    }
    return failure;
  }

  Context& context_;
  const ManyRequest& request_;
  const Json body_;
  const std::vector<Addressee> addressees_;
  Table table_;
  Progress progress_;
  const std::string salt_;
  std::map<std::string, int> alike_;   // how often a body was sent
  std::vector<Result> results_;
  Json all_ = Json::array();           // for --json, which is one document
  std::size_t failed_ = 0, repeated_ = 0, shown_ = 0;
  std::size_t reached_ = 0, late_ = 0;   // of those that are waited for; the late ones have failed as well
  Duration wait_begin_{0};               // all of them have the same time
};

// Before anything is sent: whether each row has all that the template needs.
api::Outcome<> check_values(const std::vector<Addressee>& addressees, const std::vector<std::string>& placeholders) {
  for (const Addressee& each : addressees) {
    for (const std::string& name : placeholders) {
      if (each.values.contains(name)) continue;
      return api::failed(ErrorCode::MISSING_PLACEHOLDER,
                         fmt::format("{} has no value for {{{{{}}}}}", each.place(), name),
                         fmt::format("--set {}=VALUE, or --set {}=@COLUMN", name, name));
    }
  }
  return {};
}

}  // namespace

api::Outcome<> send_many(Context& context, const SendRequest& message, const ManyRequest& request) {
  auto addressees = addressees_of(context, request, message.values);
  if (!addressees) return api::failed(addressees.error());
  SendRequest common = message;
  common.values.clear();
  const auto session = id_of(context, kSessions, common.session);
  if (!session) return api::failed(session.error());
  common.session = *session;
  std::vector<std::string> placeholders;
  auto body = send_body(context, common, &placeholders);
  if (!body) return api::failed(body.error());
  if (const auto checked = check_values(*addressees, placeholders); !checked) return checked;
  return ManySender(context, request, std::move(*body), std::move(*addressees)).run();
}

}  // namespace konekwa::cli
