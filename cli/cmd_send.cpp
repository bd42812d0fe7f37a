#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/message_wait.h"
#include "cli/print.h"
#include "cli/send_body.h"

namespace konekwa::cli {
namespace {

constexpr const char* kMedia = "A file of this machine, or a URL";
constexpr const char* kOtherKinds = "Instead of a text";
constexpr const char* kWhen = "When and how far";

struct Options {
  SendRequest request;
  std::string idempotency_key;
  MessageWait wait{"", "60s"};
};

std::string value_problem(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != std::string::npos && equals > 0 ? "" : fmt::format("not KEY=VALUE: '{}'", word);
}

std::string time_problem(const std::string& text) {
  return from_rfc3339(text) ? "" : fmt::format("not a time: '{}'; write 2026-03-10T10:30:00Z", text);
}

api::Outcome<> send(Context& context, const Options& options) {
  const auto body = send_body(context, options.request);
  if (!body) return api::failed(body.error());
  api::ApiClient::Headers headers;
  if (!options.idempotency_key.empty()) headers.emplace_back("Idempotency-Key", options.idempotency_key);
  auto response = context.client.post("/v1/messages", *body, headers);
  if (!response) return api::failed(response.error());
  const std::string id = field(response->body, "message_id");
  if (!options.wait.target.empty()) return wait_for(context, id, options.wait);
  print_message(context, *response, id);
  return {};
}

// One of them says what kind the message is.
void declare_media(CLI::App& app, SendRequest& request) {
  const auto add = [&](const char* name, auto& value, const char* description, const char* kind) {
    return app.add_option(name, value, description)->type_name(kind)->group(kMedia);
  };
  const std::vector<CLI::Option*> kinds = {
      add("--image", request.image, "A picture", kFileOrUrlValue),
      add("--video", request.video, "A video", kFileOrUrlValue),
      add("--audio", request.audio, "A sound", kFileOrUrlValue),
      add("--document", request.document, "Any other file", kFileOrUrlValue),
      add("--media-url", request.media_url, "Where konekwad finds the file; needs --type", "URL")};
  for (CLI::Option* one : kinds) {
    for (CLI::Option* other : kinds) {
      if (one != other) one->excludes(other);
    }
  }
  add("--caption", request.caption, "The words under it", "TEXT");
  add("--filename", request.filename, "What the recipient sees a document called", "NAME");
  app.add_flag("--voice", request.is_voice, "As a voice note, whatever sound it is")->group(kMedia);
}

void declare_kinds(CLI::App& app, SendRequest& request) {
  const auto add = [&](const char* name, auto& value, const char* description, const char* kind) {
    return app.add_option(name, value, description)->type_name(kind)->group(kOtherKinds);
  };
  add("--type", request.type, "The kind of message (default: by the other options)",
      "text|image|video|audio|document|location|contact");
  CLI::Option* location = add("--location", request.location, "A place, in degrees", "LAT,LON");
  location->check(location_problem);
  CLI::Option* latitude = add("--latitude", request.latitude, "The same in two options", "NUMBER");
  CLI::Option* longitude = add("--longitude", request.longitude, "The same in two options", "NUMBER");
  latitude->needs(longitude)->excludes(location);
  longitude->needs(latitude);
  add("--name", request.name, "What the place is called", "TEXT");
  add("--address", request.address, "Where the place is", "TEXT");
  add("--contact", request.contacts, "File with the vCard of a contact; repeat for more", kFileValue)
      ->expected(1)->take_all();
  add("--vcard", request.vcard, "The same for one, or - for stdin", kFileValue);
  CLI::Option* chosen = add("--template", request.template_name, "Id of a template, or its name", kTemplateValue);
  add("--set", request.values, "A placeholder of the template; repeat for more", "KEY=VALUE")
      ->expected(1)->take_all()->needs(chosen)->check(value_problem);
}

void declare_context(CLI::App& app, SendRequest& request) {
  app.add_option("--reply-to", request.reply_to, "The message that it answers, of the same chat")
      ->type_name(kMessageValue);
  app.add_option("--mention", request.mentions, "Whom the text names as @NUMBER; repeat for more")
      ->type_name("NUMBER")->expected(1)->take_all();
}

void declare_time(CLI::App& app, Options& options) {
  const auto add = [&](const char* name, std::string& value, const char* description, const char* kind) {
    return app.add_option(name, value, description)->type_name(kind)->group(kWhen);
  };
  add("--at", options.request.at, "Send at this time (RFC 3339), not at once", "TIME")->check(time_problem);
  add("--expires-in", options.request.expires_in, "Do not send later than so long afterwards", kDurationValue)
      ->check(duration_problem);
  add("--wait", options.wait.target, "Return when it has come so far", "sent|delivered|read")->check(wait_problem);
  add("--timeout", options.wait.timeout, "Wait at most so long (default: 60s)", kDurationValue)
      ->check(duration_problem);
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  SendRequest& request = options->request;
  app.add_option("--session", request.session, "Send from this session")->required()->type_name(kSessionValue);
  app.add_option("--to", request.to, "Phone number with country code, or a WhatsApp id")
      ->required()->type_name("NUMBER");
  app.add_option("--text", request.text, "The text, or - to read it from stdin")->type_name("TEXT");
  declare_context(app, request);
  app.add_option("--reference", request.reference, "A reference of yours, kept with it")->type_name("TEXT");
  app.add_option("--idempotency-key", options->idempotency_key, "Sending again with this key sends nothing twice")
      ->type_name("KEY");
  declare_media(app, request);
  declare_kinds(app, request);
  declare_time(app, *options);
  return [options](Context& context) { return send(context, *options); };
}

}  // namespace

Commands send_commands() {
  return {{"", "send", "Send a message",
           "konekwa send --session ses_01 --to 6281234567890 --text 'Halo' --wait delivered", declare}};
}

}  // namespace konekwa::cli
