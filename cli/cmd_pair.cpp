// From nothing to a linked number in one command, which may be repeated: a session that is there is used again.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/qr_live.h"
#include "cli/session.h"

namespace konekwa::cli {
namespace {

constexpr Duration kLongestWait = minutes(10);   // codes run out much earlier, if konekwad says so

struct Options {
  QrRequest request;
  std::string name, id, timeout;
};

// The session of that id or name, made if there is none.
api::Outcome<api::Response> session_to_pair(Context& context, const Options& options) {
  std::string written = options.id.empty() ? options.name : options.id;
  auto shown = request_by_name(context, kSessions, written);
  if (shown || shown.error().error.code != ErrorCode::SESSION_NOT_FOUND) return shown;
  Json body{{"name", options.name}};
  if (!options.id.empty()) body["id"] = options.id;
  return context.client.post("/v1/sessions", body);
}

// A session whose codes have run out, or that was taken offline, begins anew. One that was restored from a backup may
// run elsewhere too, and a script that is run again must not decide that.
api::Outcome<> wake(Context& context, const std::string& id, const Json& session) {
  if (field(session, "status") != "DISCONNECTED") return {};
  if (field(session, "status_reason") == "RESTORED") return api::failed(failure_of(session, id));
  const auto woken = context.client.request("POST", "/v1/sessions/" + api::encode_segment(id) + "/connect");
  return woken ? api::Outcome<>() : api::failed(woken.error());
}

api::Outcome<QrSource> prepared(Context& context, const Options& options) {
  const auto session = session_to_pair(context, options);
  if (!session) return api::failed(session.error());
  const std::string id = field(session->body, "id");
  if (const auto woken = wake(context, id, session->body); !woken) return api::failed(woken.error());
  return QrSource::open(context, id);
}

api::Outcome<> pair(Context& context, const Options& options) {
  QrRequest request = options.request;
  request.timeout = options.timeout.empty() ? kLongestWait : duration_of(options.timeout);
  const auto linked = follow_qr(context, [&] { return prepared(context, options); }, request);
  return linked ? show_session(context, linked->session()) : api::failed(linked.error());
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  QrRequest& request = options->request;
  app.add_option("name", options->name, "A label for people, or the id of a session")->required()->type_name("NAME");
  app.add_option("--id", options->id, "Choose the id yourself: letters, digits, - and _")->type_name("ID");
  CLI::Option* png = app.add_option("--png", request.png, "Keep a picture of the code in this file instead");
  png->type_name(kFileValue);
  app.add_option("--svg", request.svg, "The same as a drawing of any size")->type_name(kFileValue)->excludes(png);
  app.add_flag("--ascii", request.is_ascii, "Draw with ## and spaces, without colours");
  app.add_flag("--invert", request.is_inverted, "Exchange light and dark");
  app.add_option("--timeout", options->timeout, "Give up after this time (default: when the codes run out)")
      ->type_name(kDurationValue)->check(duration_problem);
  return [options](Context& context) { return pair(context, *options); };
}

}  // namespace

Commands pair_commands() {
  return {{"", "pair", "Make a session and link a phone to it", "konekwa pair 'Toko Maju' --id toko", declare}};
}

}  // namespace konekwa::cli
