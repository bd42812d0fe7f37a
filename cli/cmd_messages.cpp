#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/media_file.h"
#include "cli/message_wait.h"
#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kTextBytesMax = 65'536;         // the API's
constexpr int kPageSize = 20, kPageSizeMax = 100;   // the API's
constexpr IdArgument kMessageArgument = {"id", "Id of the message", kMessageValue};

struct ListOptions {
  std::string session, direction, type, status, recipient, reference, since, until, page_token;
  std::optional<int> page_size;
  bool is_all = false;
};

std::string message_target(const std::string& id) { return "/v1/messages/" + api::encode_segment(id); }

// The other side of the conversation.
std::string peer_of(const Json& message) {
  return field(message, field(message, "direction") == "INBOUND" ? "sender" : "recipient");
}

// What a list shows of a message: its words, or its kind where it has none.
std::string text_of(const Json& message) {
  for (const char* key : {"content", "caption", "filename"}) {
    if (std::string text = field(message, key); !text.empty()) return text;
  }
  return fmt::format("[{}]", field(message, "message_type"));
}

std::string list_target(const ListOptions& options, const std::string& page_token) {
  const int page_size = options.page_size.value_or(options.is_all ? kPageSizeMax : kPageSize);
  return api::with_query("/v1/messages", {{"session_id", options.session},
                                          {"direction", options.direction},
                                          {"type", options.type},
                                          {"status", options.status},
                                          {"recipient", options.recipient},
                                          {"client_reference", options.reference},
                                          {"start_date", options.since},
                                          {"end_date", options.until},
                                          {"page_size", std::to_string(page_size)},
                                          {"page_token", page_token},
                                          {"count", options.is_all ? "false" : ""}});
}

// Prints one page, and returns the token of the next one; "" after the last.
api::Outcome<std::string> list_page(Context& context, const std::string& target, Table& table) {
  const auto response = context.client.get(target);
  if (!response) return api::failed(response.error());
  std::vector<std::string> ids;
  for (const Json& message : child(response->body, "messages")) {
    ids.push_back(field(message, "id"));
    table.add({field(message, "id"), field(message, "created_at"), field(message, "status"), peer_of(message),
               text_of(message)});
  }
  context.output.answer(*response, ids, table.take_text(context.columns()));
  return field(response->body, "next_page_token");
}

api::Outcome<> list(Context& context, ListOptions options) {
  if (!options.session.empty()) {
    auto session = id_of(context, kSessions, options.session);
    if (!session) return api::failed(session.error());
    options.session = std::move(*session);
  }
  Table table({"ID", "CREATED", "STATUS", "PEER", "TEXT"});   // RECEIVED alone comes from the peer
  for (std::string token = options.page_token;;) {
    auto next = list_page(context, list_target(options, token), table);
    if (!next) return api::failed(next.error());
    if (next->empty() || !context.output.can_write()) return {};
    if (!options.is_all) {
      context.output.note("there are more: --page-token " + *next);
      return {};
    }
    if (*next == token) return api::failed(ErrorCode::PROTOCOL, "the list of messages comes to no end");
    token = std::move(*next);
  }
}

std::string location_of(const Json& message) {
  const std::string latitude = field(message, "latitude");
  return latitude.empty() ? "" : fmt::format("{}, {}", latitude, field(message, "longitude"));
}

std::vector<std::pair<std::string, std::string>> fields_of(const Json& message) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::initializer_list<const char*> keys) {
    for (const char* key : keys) out.emplace_back(key, field(message, key));
  };
  add({"id", "session_id", "direction", "status", "message_type", "sender", "sender_name", "recipient", "content",
       "caption", "media_url", "filename", "voice"});
  out.emplace_back("location", location_of(message));
  add({"name", "address", "vcard_data", "contacts", "reply_to", "mentions", "template_id", "wa_message_id",
       "client_reference", "created_at", "scheduled_at", "expires_at", "sent_at", "delivered_at", "read_at",
       "cancelled_at", "failed_at"});
  const Json& error = child(message, "error");
  out.emplace_back("error", field(error, "message"));
  out.emplace_back("error_code", field(error, "code"));
  out.emplace_back("error_details", field(error, "details"));
  return out;
}

api::Outcome<> show(Context& context, const std::string& id) {
  auto response = context.client.get(message_target(id));
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, field_list(fields_of(response->body)));
  return {};
}

api::Outcome<> cancel(Context& context, const std::string& id) {
  auto response = context.client.request("DELETE", message_target(id) + "?revoke=false");
  const bool was_sent = !response && response.error().code == to_string(ErrorCode::MESSAGE_ALREADY_SENT) &&
                        is_sent(response.error().error.details);
  if (was_sent) response.error().hint = fmt::format("konekwa messages delete {} deletes it for everyone", id);
  return answer_done(context, response, id);
}

// What is to be done is a message of its own, whose id is shown; a cancelled one has gone already.
api::Outcome<> answer_deed(Context& context, const api::Outcome<api::Response>& response, const std::string& id) {
  const std::string made = response ? field(response->body, "message_id") : "";
  if (made.empty()) return answer_done(context, response, id);
  print_message(context, *response, made);
  return {};
}

api::Outcome<> erase(Context& context, const std::string& id) {
  return answer_deed(context, context.client.request("DELETE", message_target(id)), id);
}

struct WaitOptions {
  std::string id;
  MessageWait wait;
};

Run declare_wait(CLI::App& app) {
  auto options = std::make_shared<WaitOptions>();
  options->wait = {"delivered", "60s", true};
  add_id(app, options->id, kMessageArgument);
  app.add_option("--until", options->wait.target, "How far it must have come (default: delivered)")
      ->type_name("sent|delivered|read")->check(wait_problem);
  app.add_option("--timeout", options->wait.timeout, "Wait at most so long (default: 60s)")
      ->type_name(kDurationValue)->check(duration_problem);
  return [options](Context& context) { return wait_for(context, options->id, options->wait); };
}

struct DeedOptions {
  std::string id, text;
};

api::Outcome<> react(Context& context, const DeedOptions& options) {
  const std::string target = message_target(options.id) + "/react";
  return answer_deed(context, context.client.post(target, Json{{"emoji", options.text}}), options.id);
}

api::Outcome<> edit(Context& context, const DeedOptions& options) {
  const auto text = text_or_stdin(context, options.text, kTextBytesMax);
  if (!text) return api::failed(text.error());
  return answer_deed(context, context.client.patch(message_target(options.id), Json{{"content", *text}}), options.id);
}

Run declare_react(CLI::App& app) {
  auto options = std::make_shared<DeedOptions>();
  add_id(app, options->id, kMessageArgument);
  app.add_option("emoji", options->text, "The emoji; nothing takes the reaction back")->type_name("EMOJI");
  return [options](Context& context) { return react(context, *options); };
}

Run declare_edit(CLI::App& app) {
  auto options = std::make_shared<DeedOptions>();
  add_id(app, options->id, kMessageArgument);
  app.add_option("--text", options->text, "The new text, or - to read it from stdin")->required()->type_name("TEXT");
  return [options](Context& context) { return edit(context, *options); };
}

struct MediaOptions {
  std::string id, output = "-";
};

api::Outcome<> media(Context& context, const MediaOptions& options) {
  if (options.output == "-" && context.terminal().is_tty) {
    return api::failed(ErrorCode::INVALID_REQUEST, "a file does not belong on a screen",
                       "name a file with -o, or a pipe");
  }
  return download_file(context, message_target(options.id) + "/media", options.output);
}

Run declare_media(CLI::App& app) {
  auto options = std::make_shared<MediaOptions>();
  add_id(app, options->id, kMessageArgument);
  app.add_option("-o,--output", options->output, "Write it to this file (default: -, which is stdout)")
      ->type_name(kFileValue);
  return [options](Context& context) { return media(context, *options); };
}

std::string page_size_problem(const std::string& text) {
  const bool is_number = !text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string::npos;
  const int size = is_number ? std::stoi(text) : 0;
  return size >= 1 && size <= kPageSizeMax ? "" : fmt::format("not a number from 1 to {}: '{}'", kPageSizeMax, text);
}

Run declare_list(CLI::App& app) {
  auto options = std::make_shared<ListOptions>();
  app.add_option("--session", options->session, "Of this session only")->type_name(kSessionValue);
  app.add_option("--direction", options->direction, "Sent or received ones only")->type_name("sent|received");
  app.add_option("--type", options->type, "Of this type only")->type_name(kMessageTypeValue);
  app.add_option("--status", options->status, "In this state only, such as QUEUED")->type_name(kStatusValue);
  app.add_option("--recipient", options->recipient, "To this number only")->type_name("NUMBER");
  app.add_option("--reference", options->reference, "With this reference of yours only")->type_name("REFERENCE");
  app.add_option("--since", options->since, "From this day or time on (ISO 8601)")->type_name("DATE");
  app.add_option("--until", options->until, "Up to this day, or before this time")->type_name("DATE");
  app.add_option("--page-size", options->page_size, "How many (default: 20, at most 100)")
      ->type_name("NUMBER")->check(page_size_problem);
  app.add_option("--page-token", options->page_token, "Go on where the page before ended")->type_name("PAGE");
  app.add_flag("--all", options->is_all, "Every page, one after the other");
  return [options](Context& context) { return list(context, *options); };
}

}  // namespace

Commands messages_commands() {
  return {
      {"messages", "list", "List messages, the newest first",
       "konekwa messages list --session ses_01 --direction received --page-size 5", declare_list},
      {"messages", "show", "Show one message", "konekwa messages show msg_01j9z3m8t4",
       with_id(kMessageArgument, show)},
      {"messages", "wait", "Wait until a message has come so far",
       "konekwa messages wait msg_01j9z3m8t4 --until read", declare_wait},
      {"messages", "media", "Fetch the picture, video or file of a message",
       "konekwa messages media msg_01j9z3m8t4 -o struk.jpg", declare_media},
      {"messages", "cancel", "Cancel a message that has not been sent yet", "konekwa messages cancel msg_01j9z3m8t4",
       with_id(kMessageArgument, cancel)},
      {"messages", "react", "React to a message with an emoji", "konekwa messages react msg_01j9z3m8t4 \U0001F44D",
       declare_react},
      {"messages", "edit", "Change the text of a message, within 15 minutes",
       "konekwa messages edit msg_01j9z3m8t4 --text 'Pukul 10'", declare_edit},
      {"messages", "delete", "Delete a message for everyone, or cancel it",
       "konekwa messages delete msg_01j9z3m8t4 --yes",
       with_id_confirmed(kMessageArgument, "this deletes for everyone the message", erase)},
  };
}

}  // namespace konekwa::cli
