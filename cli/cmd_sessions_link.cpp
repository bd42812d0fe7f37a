// The commands about the link of a session to WhatsApp: online, offline, and linked anew.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/qr_live.h"
#include "cli/session.h"

namespace konekwa::cli {
namespace {

api::Outcome<> act(Context& context, const std::string& id, std::string_view action) {
  return answer_done(context, context.client.request("POST", session_target(id, action)), id);
}

api::Outcome<> connect(Context& context, const std::string& id) { return act(context, id, "/connect"); }
api::Outcome<> disconnect(Context& context, const std::string& id) { return act(context, id, "/disconnect"); }

struct Options {
  std::string id;
  bool with_qr = false, has_yes = false;
};

api::Outcome<> restart_qr(Context& context, const Options& options) {
  const auto done = act(context, options.id, "/restart-qr");
  if (!done || !options.with_qr) return done;
  QrRequest request;
  request.session = options.id;
  return show_qr(context, request);
}

api::Outcome<> reset(Context& context, const Options& options) {
  const auto may = confirmed(options.has_yes, "this unlinks the phone; it must scan a QR code again");
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
  app.add_flag("--yes", options->has_yes, "Really unlink the phone");
  return [options](Context& context) { return reset(context, *options); };
}

}  // namespace

Commands sessions_link_commands() {
  return {
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
