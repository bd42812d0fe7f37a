// The commands about the link of a session to WhatsApp: online, offline, and linked anew.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/qr_live.h"
#include "cli/session.h"

namespace konekwa::cli {
namespace {

api::Outcome<> act(Context& context, std::string id, const char* action) {
  const auto response = request_by_name(context, kSessions, id, {"POST", action});
  return answer_done(context, response, id);
}

// For people who want to know whether it is online, and for monitors: a public route, so no key is needed.
api::Outcome<> status(Context& context, const std::string& id_or_name) {
  std::string written = id_or_name;
  const auto response = ask_by_name(context, kSessions, written, [&](const std::string& id) {
    return context.client.get("/api/v1/sessions/" + api::encode_segment(id) + "/status");
  });
  if (!response) return api::failed(response.error());
  const std::string word = field(response->body, "status"), reason = field(response->body, "status_reason");
  context.output.answer(*response, {word}, word + (reason.empty() ? "\n" : " " + reason + "\n"));
  return {};
}

api::Outcome<> connect(Context& context, const std::string& id) { return act(context, id, "/connect"); }
api::Outcome<> disconnect(Context& context, const std::string& id) { return act(context, id, "/disconnect"); }

struct Options {
  std::string id;
  bool with_qr = false, has_yes = false;
};

api::Outcome<> restart_qr(Context& context, const Options& options) {
  QrRequest request;
  request.session = options.id;
  const auto response = request_by_name(context, kSessions, request.session, {"POST", "/restart-qr"});
  const auto done = answer_done(context, response, request.session);
  if (!done || !options.with_qr) return done;
  return show_qr(context, request);
}

api::Outcome<> reset(Context& context, const Options& options) {
  const auto may = confirmed(context, options.has_yes, "this unlinks the phone, which must scan a QR code again");
  return may ? act(context, options.id, "/reset") : may;
}

Run declare_restart_qr(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_id(app, options->id, kSessionArgument);
  app.add_flag("--qr", options->with_qr, "Show the QR code at once");
  return [options](Context& context) { return restart_qr(context, *options); };
}

Run declare_reset(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_id(app, options->id, kSessionArgument);
  add_yes(app, options->has_yes);
  return [options](Context& context) { return reset(context, *options); };
}

}  // namespace

Commands sessions_link_commands() {
  return {
      {"sessions", "status", "Print how a session is, without a key", "konekwa sessions status ses_01",
       with_id(kSessionArgument, status)},
      {"sessions", "connect", "Bring a session online, or ask for new QR codes", "konekwa sessions connect ses_01",
       with_id(kSessionArgument, connect)},
      {"sessions", "disconnect", "Take a session offline, still linked", "konekwa sessions disconnect ses_01",
       with_id(kSessionArgument, disconnect)},
      {"sessions", "restart-qr", "Begin anew with the QR codes of a session that is not linked",
       "konekwa sessions restart-qr ses_01 --qr", declare_restart_qr},
      {"sessions", "reset", "Unlink a session, to be linked to a phone again", "konekwa sessions reset ses_01 --yes",
       declare_reset},
  };
}

}  // namespace konekwa::cli
