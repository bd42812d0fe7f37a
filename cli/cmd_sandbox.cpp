#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/print.h"
#include "cli/qr_source.h"
#include "cli/sandbox_client.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kQrBytesMax = 4096;
constexpr Duration kCodeWait = seconds(30);

struct Options {
  std::string qr_text, session, phone;             // scan
  std::string name;                                // phone
};

api::Outcome<std::string> qr_text_of(Context& context, const Options& options) {
  if (options.session.empty()) {
    auto text = text_or_stdin(context, options.qr_text, kQrBytesMax);
    if (text && text->empty()) return api::failed(ErrorCode::INVALID_REQUEST, "a QR text or --session is needed");
    return text;
  }
  auto source = QrSource::open(context, options.session);
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

}  // namespace

Commands sandbox_commands() {
  return {
      {"sandbox", "phone", "Make another phone", "konekwa sandbox phone --name Pelanggan", declare_phone},
      {"sandbox", "scan", "Scan a QR code with a phone", "konekwa sandbox scan --session ses_01", declare_scan},
  };
}

}  // namespace konekwa::cli
