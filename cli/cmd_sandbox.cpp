#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/connect.h"
#include "cli/print.h"
#include "cli/qr_source.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kQrBytesMax = 4096;
constexpr Duration kCodeWait = seconds(30);
constexpr Duration kInboxPollInterval = milliseconds(100);

// The admin API of the simulated WhatsApp, where its phones are.
api::Outcome<api::ApiClient::Options> find_sandbox(Context& context, const std::string& given) {
  std::string address = given.empty() ? environment("KONEKWA_SANDBOX_URL") : given;
  if (address.empty()) {
    auto info = context.client.get("/v1/sandbox");
    if (!info) {
      api::Failure failure = info.error();
      const bool has_none = failure.error.code == ErrorCode::NOT_FOUND;
      if (has_none) failure.hint = "start konekwad with --sandbox, or pass --sandbox-url";
      return api::failed(failure);
    }
    address = field(info->body, "admin");
  }
  Result<api::Url> url = api::parse_url(address);
  if (!url) return api::failed(api::Failure(url.error()));
  if (!url->path.ends_with("/admin")) url->path += "/admin";
  api::ApiClient::Options out;
  out.url = std::move(*url);
  return out;
}

class Sandbox {
 public:
  static api::Outcome<Sandbox> find(Context& context, const std::string& given) {
    auto target = find_sandbox(context, given);
    if (!target) return api::failed(target.error());
    return Sandbox(std::move(*target));
  }
  api::Outcome<api::Response> scan(const std::string& qr_text, const std::string& phone) {
    const std::string target = api::with_query("/mock-phone/scan-qr", {{"phone", phone}});
    return client_->request("POST", target, qr_text, {}, "text/plain");
  }
  api::Outcome<api::Response> create_account(const std::string& name, const std::string& phone) {
    Json body = Json::object();
    if (!name.empty()) body["push_name"] = name;
    if (!phone.empty()) body["phone_number"] = phone;
    return client_->post("/accounts", body);
  }
  api::Outcome<api::Response> say(const std::string& from, const std::string& to, const std::string& text) {
    return client_->post(account(from) + "/say", Json{{"to", to}, {"text", text}});
  }
  api::Outcome<api::Response> read(const std::string& number, const std::string& id) {
    return client_->post(account(number) + "/read", Json{{"id", id}});
  }
  api::Outcome<api::Response> inbox(const std::string& number) { return client_->get(account(number) + "/inbox"); }

 private:
  explicit Sandbox(api::ApiClient::Options target) : client_(std::make_unique<api::ApiClient>(std::move(target))) {}
  static std::string account(const std::string& number) { return "/accounts/" + api::encode_segment(number); }
  std::unique_ptr<api::ApiClient> client_;
};

struct Options {
  std::string sandbox_url;
  std::string qr_text, session, phone;             // scan
  std::string name;                                // phone
  std::string from, to, text;                      // say
  std::string number, message, timeout = "30s";    // inbox, read
  int wait = 0;
};

api::Outcome<std::string> qr_text_of(Context& context, const Options& options) {
  if (options.session.empty()) {
    auto text = text_or_stdin(context, options.qr_text, kQrBytesMax);
    if (text && text->empty()) return api::failed(ErrorCode::INVALID_REQUEST, "a QR text or --session is needed");
    return text;
  }
  auto source = QrSource::open(context.client, options.session);
  if (!source) return api::failed(source.error());
  auto answer = source->await_code(context.clock, kCodeWait);
  if (!answer) return api::failed(answer.error());
  std::string text = field(answer->body, "qr");
  if (!text.empty()) return text;
  return api::failed(ErrorCode::SESSION_ALREADY_CONNECTED, fmt::format("{} is linked already", options.session));
}

api::Outcome<> scan(Context& context, Sandbox& sandbox, const Options& options) {
  auto text = qr_text_of(context, options);
  if (!text) return api::failed(text.error());
  auto response = sandbox.scan(*text, options.phone);
  if (!response) return api::failed(response.error());
  const std::string number = field(response->body, "phone_number");
  context.output.answer(*response, {number}, fmt::format("the phone {} has scanned the code\n", number));
  return {};
}

api::Outcome<> make_phone(Context& context, Sandbox& sandbox, const Options& options) {
  auto response = sandbox.create_account(options.name, options.phone);
  if (!response) return api::failed(response.error());
  const std::string number = field(response->body, "phone_number");
  context.output.answer(*response, {number}, number + "\n");
  return {};
}

api::Outcome<> say(Context& context, Sandbox& sandbox, const Options& options) {
  auto text = text_or_stdin(context, options.text, kQrBytesMax);
  if (!text) return api::failed(text.error());
  auto response = sandbox.say(options.from, options.to, *text);
  if (!response) return api::failed(response.error());
  const std::string id = field(response->body, "id");
  context.output.answer(*response, {id}, fmt::format("said, message {}\n", id));
  return {};
}

api::Outcome<> read(Context& context, Sandbox& sandbox, const Options& options) {
  auto response = sandbox.read(options.number, options.message);
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {options.message}, fmt::format("read {}\n", printable(options.message)));
  return {};
}

void print_inbox(Context& context, const api::Response& response) {
  Table table({"ID", "AT", "FROM", "TEXT"});
  std::vector<std::string> ids;
  for (const Json& seen : child(response.body, "messages")) {
    ids.push_back(field(seen, "id"));
    table.add({field(seen, "id"), field(seen, "timestamp"), field(seen, "from"), field(seen, "text")});
  }
  context.output.answer(response, ids, table.text(context.columns()));
}

api::Outcome<> inbox(Context& context, Sandbox& sandbox, const Options& options) {
  const Duration timeout = duration_of(options.timeout);
  const Duration begin = context.clock.elapsed();
  for (;;) {
    auto response = sandbox.inbox(options.number);
    if (!response) return api::failed(response.error());
    const auto count = static_cast<int>(child(response->body, "messages").size());
    const bool is_late = context.clock.elapsed() - begin >= timeout;
    if (count >= options.wait || is_late) {
      print_inbox(context, *response);
      if (count >= options.wait) return {};
      return api::failed(ErrorCode::TIMEOUT,
                         fmt::format("{} of {} messages after {}", count, options.wait, options.timeout));
    }
    if (!context.clock.pause(kInboxPollInterval)) return api::failed(ErrorCode::CANCELLED, "cancelled");
  }
}

using Action = api::Outcome<> (*)(Context&, Sandbox&, const Options&);

// Every command here finds the sandbox first.
Run with_sandbox(CLI::App& app, const std::shared_ptr<Options>& options, Action action) {
  app.add_option("--sandbox-url", options->sandbox_url, "Its admin URL (default: KONEKWA_SANDBOX_URL, or ask konekwad)")
      ->type_name("URL");
  return [options, action](Context& context) -> api::Outcome<> {
    auto sandbox = Sandbox::find(context, options->sandbox_url);
    if (!sandbox) return api::failed(sandbox.error());
    return action(context, *sandbox, *options);
  };
}

Run declare_phone(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--name", options->name, "What others see beside its messages")->type_name("NAME");
  app.add_option("--number", options->phone, "Its number (default: any free one)")->type_name("NUMBER");
  return with_sandbox(app, options, make_phone);
}

Run declare_scan(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("qr", options->qr_text, "Text of the QR code, or - to read it from stdin")->type_name("TEXT");
  app.add_option("--session", options->session, "Scan the code of this session")->type_name(kSessionValue);
  app.add_option("--phone", options->phone, "Number of the phone that scans (default: the sandbox chooses)")
      ->type_name("NUMBER");
  return with_sandbox(app, options, scan);
}

Run declare_say(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--from", options->from, "Number of the phone that writes")->required()->type_name("NUMBER");
  app.add_option("--to", options->to, "Number it writes to")->required()->type_name("NUMBER");
  app.add_option("--text", options->text, "The text, or - to read it from stdin")->required()->type_name("TEXT");
  return with_sandbox(app, options, say);
}

Run declare_inbox(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("number", options->number, "Number of the phone")->required()->type_name("NUMBER");
  app.add_option("--wait", options->wait, "Wait until it holds so many messages")->type_name("COUNT");
  app.add_option("--timeout", options->timeout, "Wait at most so long (default: 30s)")
      ->type_name(kDurationValue)->check(duration_problem);
  return with_sandbox(app, options, inbox);
}

Run declare_read(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("number", options->number, "Number of the phone")->required()->type_name("NUMBER");
  app.add_option("message", options->message, "Id of the message, from its inbox")->required()->type_name("ID");
  return with_sandbox(app, options, read);
}

}  // namespace

Commands sandbox_commands() {
  return {
      {"sandbox", "phone", "Make another phone", "konekwa sandbox phone --name Pelanggan", declare_phone},
      {"sandbox", "scan", "Scan a QR code with a phone", "konekwa sandbox scan --session ses_01", declare_scan},
      {"sandbox", "say", "Write a message on a phone",
       "konekwa sandbox say --from 6289876543210 --to 6281234567890 --text 'Masih ada?'", declare_say},
      {"sandbox", "inbox", "Show what a phone has received", "konekwa sandbox inbox 6289876543210 --wait 1",
       declare_inbox},
      {"sandbox", "read", "Open a message on a phone, which sends a read receipt",
       "konekwa sandbox read 6289876543210 3EB0A1B2C3D4", declare_read},
  };
}

}  // namespace konekwa::cli
