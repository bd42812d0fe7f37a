// For people without a public URL: events go to a program on this machine, signed as a webhook is.
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/event_reader.h"
#include "cli/named.h"
#include "cli/print.h"
#include "common/api/forwarder.h"
#include "common/random.h"
#include "common/webhook_signature.h"

namespace konekwa::cli {
namespace {

struct Options {
  EventSelection selection;
  std::string url;
  std::uint64_t count = 0;   // 0: until it is interrupted
};

std::string url_problem(const std::string& text) {
  const auto url = api::parse_url(text);
  if (!url) return url.error().text();
  return url->kind == api::Url::Kind::Unix ? "a URL begins with http:// or https://" : "";
}

class Listener {
 public:
  Listener(Context& context, const Options& options)
      : context_(context), options_(options), forwarder_(*api::parse_url(options.url)) {}

  api::Outcome<> run() {
    EventSelection selection = options_.selection;
    if (!selection.session.empty()) {
      const auto session = id_of(context_, kSessions, selection.session);
      if (!session) return api::failed(session.error());
      selection.session = *session;
      context_.output.note(fmt::format("signed with {}", secret_of(*session)));
    } else {
      context_.output.note("signed with the secret of each event's session (konekwa webhooks secret SESSION)");
    }
    context_.output.note(fmt::format("forwarding to {}, until Ctrl-C", options_.url));
    return EventReader(context_, selection, [this](const api::ServerEvent& event) { return take(event); }).run();
  }

 private:
  bool take(const api::ServerEvent& event) {
    const auto envelope = parse_json(event.data);
    const Json& body = envelope ? *envelope : none_;
    const std::string id = field(body, "id"), type = field(body, "event_type");
    const Duration began = context_.clock.elapsed();
    const std::int64_t now = unix_seconds(context_.clock.now());
    const std::string& secret = secret_of(field(body, "session_id"));
    const auto status = forwarder_.post(
        event.data, {{"User-Agent", "konekwa/" KONEKWA_VERSION},
                     {"webhook-id", id},
                     {"webhook-timestamp", std::to_string(now)},
                     {"webhook-signature", webhook_signature(secret, id, now, event.data)},
                     {"X-Konekwa-Event", type},
                     {"X-Konekwa-Attempt", "1"}});
    show(event, type, id, status, context_.clock.elapsed() - began);
    return ++forwarded_ != options_.count;
  }

  void show(const api::ServerEvent& event, const std::string& type, const std::string& id,
            const api::Outcome<int>& status, Duration took) {
    const std::string result = status ? std::to_string(*status) : status.error().error.message;
    switch (context_.output.form()) {
      case Output::Form::Ids: return context_.output.raw(printable(event.id) + "\n");
      case Output::Form::Text:
        return context_.output.raw(fmt::format("{}  {}  {}  {} ms\n", printable(type), printable(id), result,
                                               took.count()));
      default: break;
    }
    Json line{{"id", id}, {"event_type", type}, {"position", event.id}, {"latency_ms", took.count()}};
    if (status) line["http_status"] = *status;
    else line["error"] = result;
    context_.output.raw(line.dump() + "\n");
  }

  // As the daemon signs; a key that may not read the secret gets one of its own, which is shown.
  const std::string& secret_of(const std::string& session) {
    const auto [found, is_new] = secrets_.try_emplace(session);
    if (!is_new) return found->second;
    const auto answer = context_.client.get("/v1/sessions/" + api::encode_segment(session) + "/webhooks/secret");
    if (answer) return found->second = field(answer->body, "secret");
    SystemRandom random;
    found->second = new_webhook_secret(random);
    context_.output.note(fmt::format("the key may not read the secret of {}; its events are signed with {}",
                                     printable(session), found->second));
    return found->second;
  }

  Context& context_;
  const Options& options_;
  const Json none_;
  api::Forwarder forwarder_;
  std::map<std::string, std::string> secrets_;   // by session
  std::uint64_t forwarded_ = 0;
};

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--forward", options->url, "Where events go, such as http://localhost:3000/webhook")
      ->required()
      ->type_name("URL")
      ->check(url_problem);
  add_event_selection(app, options->selection);
  app.add_option("--count", options->count, "Stop after so many")->type_name("NUMBER");
  return [options](Context& context) { return Listener(context, *options).run(); };
}

}  // namespace

Commands listen_commands() {
  return {{"", "listen", "Pass events on to a program on this machine, as webhooks",
           "konekwa listen --session ses_01 --forward http://localhost:3000", declare}};
}

}  // namespace konekwa::cli
