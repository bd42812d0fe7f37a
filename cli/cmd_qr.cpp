#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/connect.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/qr_live.h"

namespace konekwa::cli {
namespace {

constexpr Duration kFirstCodeWait = seconds(30);

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

api::Outcome<> answer_linked(Context& context, QrSource& source, const api::Response& answer) {
  const std::string number = source.linked_number();
  context.output.answer(answer, {number}, number.empty() ? "linked\n" : fmt::format("linked: {}\n", number));
  return {};
}

// For pipes and scripts: one code.
api::Outcome<> once(Context& context, QrSource& source, const QrRequest& request) {
  auto answer = source.await_code(context.clock, request.timeout.value_or(kFirstCodeWait));
  if (!answer) return api::failed(answer.error());
  if (phase_of(answer->body) == QrPhase::Linked) {
    const std::string number = source.linked_number();
    return api::failed(api::Failure(Error(ErrorCode::SESSION_ALREADY_PAIRED, number)));
  }
  const std::string text = field(answer->body, "qr");
  if (request.picture().empty()) {
    const Terminal terminal = context.terminal();
    const QrDrawing drawing = draw_qr(text, terminal, context.output, request);
    context.output.answer(*answer, {text}, joined(drawing.lines));
    const std::string advice = drawing.is_code ? qr_advice(terminal, request) : "";
    if (!advice.empty()) context.output.note(advice);
  } else {
    const auto picture = picture_of(source, text, request);
    if (!picture) return api::failed(picture.error());
    if (request.picture() == "-") {
      context.output.raw(*picture);
      return {};
    }
    const auto written = write_private_file(request.picture(), *picture);   // whoever scans it is linked
    if (!written) return written;
    context.output.answer(*answer, {text}, request.picture() + "\n");
  }
  context.output.note("this code is good until " + field(answer->body, "expires_at"));
  return {};
}

}  // namespace

api::Outcome<> show_qr(Context& context, const QrRequest& request) {
  if (request.picture() == "-" && context.terminal().is_tty) {
    return api::failed(ErrorCode::INVALID_REQUEST, "a picture does not belong on a screen", "name a file, or a pipe");
  }
  const auto open = [&] { return QrSource::open(context, request.session); };
  const bool is_live =
      context.terminal().is_tty && context.output.form() == Output::Form::Text && request.picture() != "-";
  auto source = is_live ? follow_qr(context, open, request) : open();
  if (!source) return api::failed(source.error());
  return is_live ? answer_linked(context, *source, {}) : once(context, *source, request);
}

namespace {

struct Options {
  QrRequest request;
  std::string timeout;
};

Run declare_qr(CLI::App& app) {
  auto options = std::make_shared<Options>();
  QrRequest& request = options->request;
  app.add_option("session", request.session, "Id or name of the session (default: the usual one)")
      ->type_name(kSessionValue);
  CLI::Option* png = app.add_option("--png", request.png, "Write a picture to this file instead (- for stdout)");
  png->type_name(kFileValue);
  app.add_option("--svg", request.svg, "The same as a drawing of any size")->type_name(kFileValue)->excludes(png);
  app.add_flag("--ascii", request.is_ascii, "Draw with ## and spaces, without colours");
  app.add_flag("--invert", request.is_inverted, "Exchange light and dark");
  app.add_option("--timeout", options->timeout, "Give up after this time (default: when the codes run out)")
      ->type_name(kDurationValue)->check(duration_problem);
  return [options](Context& context) -> api::Outcome<> {
    QrRequest with_timeout = options->request;
    const auto session = session_or_default(context, with_timeout.session);
    if (!session) return api::failed(session.error());
    with_timeout.session = *session;
    if (!options->timeout.empty()) with_timeout.timeout = duration_of(options->timeout);
    return show_qr(context, with_timeout);
  };
}

}  // namespace

Commands qr_commands() {
  return {{"", "qr", "Show the QR code of a session until it is scanned", "konekwa qr ses_01", declare_qr}};
}

}  // namespace konekwa::cli
