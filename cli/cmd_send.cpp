#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/message_wait.h"
#include "cli/named.h"
#include "cli/print.h"
#include "cli/send_body.h"
#include "cli/send_many.h"

namespace konekwa::cli {
namespace {

constexpr const char* kMedia = "A file of this machine, or a URL";
constexpr const char* kOtherKinds = "Instead of a text";
constexpr const char* kWhen = "When and how far";

struct Options {
  SendRequest request;
  ManyRequest many{{}, "", "", "", {"", "60s"}, false};
};

std::string value_problem(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != std::string::npos && equals > 0 ? "" : fmt::format("not KEY=VALUE: '{}'", word);
}

constexpr std::size_t kOffsetLength = 6;   // "+07:00"
constexpr Duration kLateMax = minutes(5);   // clocks differ, and a command takes a while to write
constexpr Duration kRepeatMax = hours(24);  // so long konekwad knows a key again

bool is_from_now(const std::string& time) { return time.starts_with('+'); }

std::string time_problem(const std::string& text) {
  const bool is_right = is_from_now(text) ? parse_duration(text.substr(1)).has_value() : from_rfc3339(text).has_value();
  return is_right ? "" : fmt::format("not a time: '{}'; write 2026-03-10T10:30:00+07:00 or +2h", text);
}

// "26h" and not "1594m": the largest unit of which there are two.
std::string about(Duration duration) {
  for (const Duration unit : {Duration(hours(24)), Duration(hours(1)), Duration(minutes(1))}) {
    if (duration >= 2 * unit) return to_string(duration / unit * unit);
  }
  return to_string(minutes(1));
}

// The offset at the end of an RFC 3339 time, "Z" or "+07:00": by how much it is later when it is read as UTC.
Duration offset_of(const std::string& text, Time time) {
  if (text.size() < kOffsetLength || text.back() == 'Z' || text.back() == 'z') return Duration(0);
  const auto as_utc = from_rfc3339(text.substr(0, text.size() - kOffsetLength) + "Z");
  return as_utc ? *as_utc - time : Duration(0);
}

// Where clocks have this offset, without saying so.
std::string local_time(Time time, Duration offset) {
  std::string text = to_rfc3339(time + offset);
  text.pop_back();
  return text.replace(text.find('T'), 1, " ");
}

// "+2h" as a point in time. What is long past was meant otherwise, and konekwad would send it at once. But a command
// that may be repeated goes on with what was begun before that time: another one would send to everybody again.
api::Outcome<std::string> point_in_time(const Context& context, const std::string& text, bool is_repeatable) {
  const Time now = context.clock.now();
  if (is_from_now(text) && is_repeatable) {
    return api::failed(ErrorCode::INVALID_REQUEST,
                       "--at needs a point in time here: the same command must say the same again");
  }
  if (is_from_now(text)) return to_rfc3339(now + duration_of(text.substr(1)));
  const auto time = text.empty() ? std::nullopt : from_rfc3339(text);
  if (!time || now - *time <= kLateMax) return text;
  if (is_repeatable && now - *time <= kRepeatMax) {
    context.output.note(
        fmt::format("--at is {} in the past: what was not sent before goes at once", about(now - *time)));
    return text;
  }
  const Duration offset = offset_of(text, *time);
  const std::string zone = offset == Duration(0) ? "UTC" : "UTC" + text.substr(text.size() - kOffsetLength);
  return api::failed(ErrorCode::INVALID_REQUEST,
                     fmt::format("--at is {} in the past: {} in the zone {}, where it is {} now", about(now - *time),
                                 local_time(*time, offset), zone, local_time(now, offset)),
                     "Z is UTC: write the zone as +07:00, or so long from now as +2h");
}

api::Outcome<> send_one(Context& context, SendRequest request, const ManyRequest& options) {
  request.to = options.to.front();
  auto body = send_body(context, request);
  if (!body) return api::failed(body.error());
  if (options.is_dry_run) {
    context.output.answer({0, body->dump(), *body}, {}, body->dump(2) + "\n");
    context.output.note("nothing was sent");
    return {};
  }
  api::ApiClient::Headers headers;
  if (!options.key.empty()) headers.emplace_back("Idempotency-Key", options.key);
  const auto response = ask_by_name(context, kSessions, request.session, [&](const std::string& session) {
    (*body)["session_id"] = session;
    return context.client.post("/v1/messages", *body, headers);
  });
  if (!response) return api::failed(response.error());
  const std::string id = field(response->body, "message_id");
  if (!options.wait.target.empty()) return wait_for(context, id, options.wait, &*response);
  print_message(context, *response, id);
  return {};
}

api::Outcome<> send(Context& context, const Options& options) {
  SendRequest request = options.request;
  const auto session = session_or_default(context, request.session);
  if (!session) return api::failed(session.error());
  request.session = *session;
  if (options.many.to.empty() == options.many.csv.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST, "--to or --csv is required, and not both", "konekwa send --help");
  }
  std::vector<std::string> readers = readers_of_stdin(request);
  if (options.many.csv == "-") readers.emplace_back("--csv");
  if (readers.size() > 1) {
    return api::failed(ErrorCode::INVALID_REQUEST, "stdin can be read for one of them only: " +
                                                       fmt::format("{}", fmt::join(readers, ", ")));
  }
  if (!options.many.csv.empty() && request.template_name.empty() && request.text.find("{{") != std::string::npos) {
    return api::failed(ErrorCode::INVALID_REQUEST, "only a template has placeholders that a table fills",
                       "konekwa templates create --name NAME --content TEXT, then --template NAME");
  }
  const auto at = point_in_time(context, request.at, !options.many.csv.empty() || !options.many.key.empty());
  if (!at) return api::failed(at.error());
  request.at = *at;
  return options.many.is_many() ? send_many(context, request, options.many)
                                : send_one(context, request, options.many);
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
  add("--caption", request.caption, "The words under it, or - to read them from stdin", "TEXT");
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
      ->allow_extra_args(false);
  add("--vcard", request.vcard, "The same for one, or - for stdin", kFileValue);
  CLI::Option* chosen = add("--template", request.template_name, "Id of a template, or its name", kTemplateValue);
  add("--set", request.values, "A placeholder of the template, or =@COLUMN; repeat", "KEY=VALUE")
      ->allow_extra_args(false)->needs(chosen)->check(value_problem);
}

void declare_table(CLI::App& app, ManyRequest& many) {
  CLI::Option* csv = app.add_option("--csv", many.csv, "To each row of this table; its columns fill the template");
  csv->type_name(kFileValue);
  app.add_option("--to-column", many.to_column, "Which column has the numbers (default: to, phone, nomor ...)")
      ->type_name("COLUMN")->needs(csv);
}

void declare_context(CLI::App& app, SendRequest& request) {
  app.add_option("--reply-to", request.reply_to, "The message that it answers, of the same chat")
      ->type_name(kMessageValue);
  app.add_option("--mention", request.mentions, "Whom the text names as @NUMBER; repeat for more")
      ->type_name("NUMBER")->allow_extra_args(false);
  app.add_flag("--link-preview", request.has_preview, "Show what the first link of the text leads to");
}

void declare_time(CLI::App& app, Options& options) {
  const auto add = [&](const char* name, std::string& value, const char* description, const char* kind) {
    return app.add_option(name, value, description)->type_name(kind)->group(kWhen);
  };
  add("--at", options.request.at, "Send at this time (RFC 3339), or so long from now (+2h)", "TIME")
      ->check(time_problem);
  add("--expires-in", options.request.expires_in, "Do not send later than so long afterwards", kDurationValue)
      ->check(duration_problem);
  CLI::Option* wait = add("--wait", options.many.wait.target, "Return when it has come so far", "sent|delivered|read");
  wait->check(wait_problem);
  add("--timeout", options.many.wait.timeout, "Wait at most so long (default: 60s)", kDurationValue)
      ->check(duration_problem)->needs(wait);
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  SendRequest& request = options->request;
  ManyRequest& many = options->many;
  CLI::Option* text = app.add_option("text", request.text, "The text, or - to read it from stdin");
  text->type_name("TEXT");
  app.add_option("--text", request.text, "The same as an option")->type_name("TEXT")->excludes(text);
  app.add_option("--session", request.session, "Send from this session (default: the usual one)")
      ->type_name(kSessionValue);
  app.add_option("--to", many.to, "Phone number with country code, or a WhatsApp id; repeat for more")
      ->type_name("NUMBER")->allow_extra_args(false);
  declare_table(app, many);
  declare_context(app, request);
  app.add_option("--reference", request.reference, "A reference of yours, kept with it")->type_name("TEXT");
  app.add_option("--idempotency-key", many.key, "Sending again with this key sends nothing twice")->type_name("KEY");
  app.add_flag("--dry-run", many.is_dry_run, "Show what would be sent, and send nothing");
  declare_media(app, request);
  declare_kinds(app, request);
  declare_time(app, *options);
  return [options](Context& context) {
    options->request.is_dry_run = options->many.is_dry_run;
    return send(context, *options);
  };
}

}  // namespace

Commands send_commands() {
  return {{"", "send", "Send a message",
           "konekwa send --session ses_01 --to 6281234567890 --text 'Halo' --wait delivered", declare}};
}

}  // namespace konekwa::cli
