#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/message_wait.h"
#include "cli/print.h"
#include "cli/template_choice.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kTextBytesMax = 65'536;    // the API's limit
constexpr std::size_t kVcardBytesMax = 65'536;
constexpr const char* kText = "text";
constexpr const char* kOtherKinds = "Instead of a text";
constexpr const char* kWhen = "When and how far";

struct Options {
  std::string session, to, type, text;
  std::string media_url, caption, filename, vcard;
  std::optional<double> latitude, longitude;
  std::string template_name;
  std::vector<std::string> values;               // "key=value"
  std::string at, expires_in, reference, idempotency_key;
  MessageWait wait{"", "60s"};
};

std::string value_problem(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != std::string::npos && equals > 0 ? "" : fmt::format("not KEY=VALUE: '{}'", word);
}

std::string time_problem(const std::string& text) {
  return from_rfc3339(text) ? "" : fmt::format("not a time: '{}'; write 2026-03-10T10:30:00Z", text);
}

// The type that the other options stand for, where none is named.
api::Outcome<std::string> type_of(const Options& options, const TemplateChoice& chosen) {
  if (!options.type.empty()) return options.type;
  if (!chosen.message_type.empty()) return chosen.message_type;
  if (!options.vcard.empty()) return std::string("contact");
  if (options.latitude) return std::string("location");
  if (options.media_url.empty()) return std::string(kText);
  return api::failed(ErrorCode::INVALID_REQUEST, "--media-url needs --type", "konekwa send --help");
}

Json values_of(const Options& options) {
  Json out = Json::object();
  for (const std::string& word : options.values) {
    const std::size_t equals = word.find('=');
    out[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

void add_unless_empty(Json& body, std::initializer_list<std::pair<const char*, const std::string*>> fields) {
  for (const auto& [key, value] : fields) {
    if (!value->empty()) body[key] = *value;
  }
}

api::Outcome<Json> body_of(Context& context, const Options& options) {
  api::Outcome<TemplateChoice> chosen;
  if (!options.template_name.empty()) chosen = choose_template(context, options.template_name);
  if (!chosen) return api::failed(chosen.error());
  const auto type = type_of(options, *chosen);
  if (!type) return api::failed(type.error());
  if (*type == kText && options.text.empty() && chosen->id.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST, "--text is required", "konekwa send --help");
  }
  const auto text = text_or_stdin(context, options.text, kTextBytesMax);
  if (!text) return api::failed(text.error());
  api::Outcome<std::string> vcard;
  if (!options.vcard.empty()) vcard = file_or_stdin(context, options.vcard, kVcardBytesMax);
  if (!vcard) return api::failed(vcard.error());

  Json body{{"session_id", options.session}, {"recipient", options.to}, {"message_type", *type}};
  add_unless_empty(body, {{"content", &*text},
                          {"media_url", &options.media_url},
                          {"caption", &options.caption},
                          {"filename", &options.filename},
                          {"vcard_data", &*vcard},
                          {"template_id", &chosen->id},
                          {"client_reference", &options.reference},
                          {"expires_in", &options.expires_in},
                          {"send_at", &options.at}});
  if (options.latitude) body["latitude"] = *options.latitude;
  if (options.longitude) body["longitude"] = *options.longitude;
  if (!options.values.empty()) body["placeholder_values"] = values_of(options);
  return body;
}

api::Outcome<> send(Context& context, const Options& options) {
  const auto body = body_of(context, options);
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

void declare_kinds(CLI::App& app, Options& options) {
  const auto add = [&](const char* name, auto& value, const char* description, const char* kind) {
    return app.add_option(name, value, description)->type_name(kind)->group(kOtherKinds);
  };
  add("--type", options.type, "The kind of message (default: by the other options)",
      "text|image|video|audio|document|location|contact");
  add("--media-url", options.media_url, "Where konekwad finds the picture, video or file", "URL");
  add("--caption", options.caption, "The words under it", "TEXT");
  add("--filename", options.filename, "What the recipient sees a document called", "NAME");
  CLI::Option* latitude = add("--latitude", options.latitude, "Of a location, in degrees", "NUMBER");
  CLI::Option* longitude = add("--longitude", options.longitude, "Of a location, in degrees", "NUMBER");
  latitude->needs(longitude);
  longitude->needs(latitude);
  add("--vcard", options.vcard, "A contact: file with its vCard, or - for stdin", kFileValue);
  CLI::Option* chosen = add("--template", options.template_name, "Id of a template, or its name", kTemplateValue);
  add("--set", options.values, "A placeholder of the template; repeat for more", "KEY=VALUE")
      ->expected(1)->take_all()->needs(chosen)->check(value_problem);
}

void declare_time(CLI::App& app, Options& options) {
  const auto add = [&](const char* name, std::string& value, const char* description, const char* kind) {
    return app.add_option(name, value, description)->type_name(kind)->group(kWhen);
  };
  add("--at", options.at, "Send at this time (RFC 3339), not at once", "TIME")->check(time_problem);
  add("--expires-in", options.expires_in, "Do not send later than so long afterwards", kDurationValue)
      ->check(duration_problem);
  add("--wait", options.wait.target, "Return when it has come so far", "sent|delivered|read")->check(wait_problem);
  add("--timeout", options.wait.timeout, "Wait at most so long (default: 60s)", kDurationValue)
      ->check(duration_problem);
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("--session", options->session, "Send from this session")->required()->type_name(kSessionValue);
  app.add_option("--to", options->to, "Phone number with country code, or a WhatsApp id")
      ->required()->type_name("NUMBER");
  app.add_option("--text", options->text, "The text, or - to read it from stdin")->type_name("TEXT");
  app.add_option("--reference", options->reference, "A reference of yours, kept with it")->type_name("TEXT");
  app.add_option("--idempotency-key", options->idempotency_key, "Sending again with this key sends nothing twice")
      ->type_name("KEY");
  declare_kinds(app, *options);
  declare_time(app, *options);
  return [options](Context& context) { return send(context, *options); };
}

}  // namespace

Commands send_commands() {
  return {{"", "send", "Send a message",
           "konekwa send --session ses_01 --to 6281234567890 --text 'Halo' --wait delivered", declare}};
}

}  // namespace konekwa::cli
