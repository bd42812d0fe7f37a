// The commands that make sessions, show them, change what is kept about them, and end them.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/qr_live.h"
#include "cli/session.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kProxyBytesMax = 4096;
constexpr const char* kProxyHelp = "http, https or socks5 proxy for it, or - to read it from stdin";

struct CreateOptions {
  std::string name, id, webhook_message, webhook_status, proxy;
  bool with_qr = false;
};

api::Outcome<> create(Context& context, const CreateOptions& options) {
  const auto proxy = text_or_stdin(context, options.proxy, kProxyBytesMax);
  if (!proxy) return api::failed(proxy.error());
  Json body{{"name", options.name}};
  if (!options.id.empty()) body["id"] = options.id;
  if (!options.webhook_message.empty()) body["webhooks"]["message"] = options.webhook_message;
  if (!options.webhook_status.empty()) body["webhooks"]["status"] = options.webhook_status;
  if (!proxy->empty()) body["proxy_url"] = *proxy;
  const auto response = context.client.post("/v1/sessions", body);
  const auto answered = answer_session(context, response);
  if (!answered) return answered;
  const std::string id = field(response->body, "id");
  if (!options.with_qr) {
    context.output.note("link a phone with: konekwa qr " + id);
    return {};
  }
  QrRequest request;
  request.session = id;
  return show_qr(context, request);
}

api::Outcome<> list(Context& context) {
  return answer_list(context, context.client.get("/v1/sessions"),
                     {{"ID", "id"}, {"STATUS", "status"}, {"PHONE", "phone_number"}, {"CREATED", "created_at"},
                      {"NAME", "name"}});
}

struct RenameOptions {
  std::string id, name;
};

api::Outcome<> rename(Context& context, const RenameOptions& options) {
  const Json body{{"name", options.name}};
  std::string id = options.id;
  return answer_session(context, request_by_name(context, kSessions, id, {"PATCH", "", &body}));
}

struct SetOptions {
  std::string id, auto_read, auto_typing, proxy;
  bool without_proxy = false;
};

std::string switch_problem(const std::string& word) {
  return word == "on" || word == "off" ? std::string() : fmt::format("not on or off: '{}'", word);
}

// The proxy and the settings have a route each. The answer of the last one is the whole session.
api::Outcome<> set(Context& context, const SetOptions& options) {
  std::string id = options.id;
  Json settings = Json::object();
  if (!options.auto_read.empty()) settings["auto_read"] = options.auto_read == "on";
  if (!options.auto_typing.empty()) settings["auto_typing"] = options.auto_typing == "on";
  const bool sets_proxy = options.without_proxy || !options.proxy.empty();
  if (sets_proxy) {
    const auto proxy = text_or_stdin(context, options.proxy, kProxyBytesMax);
    if (!proxy) return api::failed(proxy.error());
    const Json body{{"proxy_url", options.without_proxy ? Json() : Json(*proxy)}};
    const auto response = request_by_name(context, kSessions, id, {"PATCH", "", &body});
    if (!response || settings.empty()) return answer_session(context, response);
  }
  if (settings.empty()) return show_session(context, id);
  return answer_session(context, request_by_name(context, kSessions, id, {"PATCH", "/settings", &settings}));
}

struct DeleteOptions {
  std::string id;
  bool is_all = false, has_yes = false;
};

api::Outcome<> erase_all(Context& context, bool has_yes) {
  std::string what_it_does = "this unlinks and erases all of your sessions with their messages";
  std::string how_many;   // a person writes the number: it shows what is about to go
  if (!has_yes && context.is_in_tty) {
    const auto counted = context.client.get("/v1/sessions");
    if (!counted) return api::failed(counted.error());
    how_many = std::to_string(items_of(counted->body).size());
    what_it_does = fmt::format("this unlinks and erases all {} sessions with their messages", how_many);
  }
  const auto may = confirmed(context, has_yes, what_it_does, how_many);
  if (!may) return may;
  const auto response = context.client.request("DELETE", "/v1/sessions");
  if (!response) return api::failed(response.error());
  const std::string count = field(response->body, "deleted_count");
  context.output.answer(*response, {count}, fmt::format("{}: {}\n", field(response->body, "message"), count));
  return {};
}

api::Outcome<> erase(Context& context, const DeleteOptions& options) {
  if (options.is_all == !options.id.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST, "the id of a session or --all is needed, not both",
                       "konekwa sessions delete --help");
  }
  if (options.is_all) return erase_all(context, options.has_yes);
  const auto may = confirmed(context, options.has_yes,
                             fmt::format("this unlinks and erases the session {} with its messages", options.id));
  if (!may) return may;
  std::string id = options.id;
  const auto response = request_by_name(context, kSessions, id, {"DELETE"});
  return answer_done(context, response, id);
}

Run declare_create(CLI::App& app) {
  auto options = std::make_shared<CreateOptions>();
  app.add_option("--name", options->name, "A label for people")->required()->type_name("NAME");
  app.add_option("--id", options->id, "Choose the id yourself: letters, digits, - and _")->type_name("ID");
  app.add_option("--webhook-message", options->webhook_message, "Where message events go")->type_name("URL");
  app.add_option("--webhook-status", options->webhook_status, "Where session events go")->type_name("URL");
  app.add_option("--proxy", options->proxy, kProxyHelp)->type_name("URL");
  app.add_flag("--qr", options->with_qr, "Show the QR code at once");
  return [options](Context& context) { return create(context, *options); };
}

Run declare_rename(CLI::App& app) {
  auto options = std::make_shared<RenameOptions>();
  add_id(app, options->id, kSessionArgument);
  app.add_option("name", options->name, "The label for people")->required()->type_name("NAME");
  return [options](Context& context) { return rename(context, *options); };
}

Run declare_set(CLI::App& app) {
  auto options = std::make_shared<SetOptions>();
  add_id(app, options->id, kSessionArgument);
  app.add_option("--auto-read", options->auto_read, "Tell senders that their messages were read")
      ->type_name("on|off")->check(switch_problem);
  app.add_option("--auto-typing", options->auto_typing, "Show that somebody types before a message goes out")
      ->type_name("on|off")->check(switch_problem);
  CLI::Option* proxy = app.add_option("--proxy", options->proxy, kProxyHelp)->type_name("URL");
  app.add_flag("--no-proxy", options->without_proxy, "Connect to WhatsApp directly")->excludes(proxy);
  return [options](Context& context) { return set(context, *options); };
}

Run declare_delete(CLI::App& app) {
  auto options = std::make_shared<DeleteOptions>();
  app.add_option("session", options->id, kSessionArgument.description)->type_name(kSessionValue);
  app.add_flag("--all", options->is_all, "Every session instead");
  add_yes(app, options->has_yes);
  return [options](Context& context) { return erase(context, *options); };
}

}  // namespace

Commands sessions_commands() {
  return {
      {"sessions", "create", "Make a session, to be linked to a phone",
       "konekwa sessions create --name 'CS WhatsApp' --qr", declare_create},
      {"sessions", "list", "List the sessions", "konekwa sessions list", [](CLI::App&) -> Run { return list; }},
      {"sessions", "show", "Show one session", "konekwa sessions show ses_01",
       with_id(kSessionArgument, show_session)},
      {"sessions", "rename", "Give a session another name", "konekwa sessions rename ses_01 'Sales WhatsApp'",
       declare_rename},
      {"sessions", "set", "Change the settings of a session; without an option, show it",
       "konekwa sessions set ses_01 --auto-read on", declare_set},
      {"sessions", "delete", "Unlink a session and erase its data",
       "konekwa sessions delete ses_01 --yes", declare_delete},
  };
}

}  // namespace konekwa::cli
