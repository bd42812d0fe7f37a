#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

struct ListOptions {
  std::string session, direction, type, start, end, page_token;
  int page_size = 20;
};

// The other side of the conversation.
std::string peer_of(const Json& message) {
  return field(message, field(message, "direction") == "INBOUND" ? "sender" : "recipient");
}

api::Outcome<> list(Context& context, const ListOptions& options) {
  const std::string target = api::with_query("/v1/messages", {{"session_id", options.session},
                                                              {"direction", options.direction},
                                                              {"type", options.type},
                                                              {"start_date", options.start},
                                                              {"end_date", options.end},
                                                              {"page_size", std::to_string(options.page_size)},
                                                              {"page_token", options.page_token}});
  auto response = context.client.get(target);
  if (!response) return api::failed(response.error());
  Table table({"ID", "CREATED", "STATUS", "DIRECTION", "PEER", "TEXT"});
  std::vector<std::string> ids;
  for (const Json& message : child(response->body, "messages")) {
    ids.push_back(field(message, "id"));
    table.add({field(message, "id"), field(message, "created_at"), field(message, "status"),
               field(message, "direction"), peer_of(message), field(message, "content")});
  }
  context.output.answer(*response, ids, table.text(context.terminal().is_tty ? context.terminal().columns : 0));
  const std::string next = field(response->body, "next_page_token");
  if (!next.empty()) context.output.note("there are more: --page-token " + next);
  return {};
}

std::vector<std::pair<std::string, std::string>> fields_of(const Json& message) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const char* key :
       {"id", "session_id", "direction", "status", "message_type", "sender", "sender_name", "recipient", "content",
        "wa_message_id", "client_reference", "created_at", "sent_at", "delivered_at", "read_at", "failed_at"}) {
    out.emplace_back(key, field(message, key));
  }
  const Json error = child(message, "error");
  out.emplace_back("error", field(error, "message"));
  out.emplace_back("error_code", field(error, "code"));
  return out;
}

api::Outcome<> show(Context& context, const std::string& id) {
  auto response = context.client.get("/v1/messages/" + api::encode_segment(id));
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, field_list(fields_of(response->body)));
  return {};
}

Run declare_list(CLI::App& app) {
  auto options = std::make_shared<ListOptions>();
  app.add_option("--session", options->session, "Of this session only")->type_name(kSessionValue);
  app.add_option("--direction", options->direction, "Sent or received ones only")->type_name("sent|received");
  app.add_option("--type", options->type, "Of this type only")->type_name("TYPE");
  app.add_option("--start", options->start, "From this day or time on (ISO 8601)")->type_name("DATE");
  app.add_option("--end", options->end, "Up to this day, or before this time")->type_name("DATE");
  app.add_option("--page-size", options->page_size, "How many (default: 20, at most 100)")->type_name("NUMBER");
  app.add_option("--page-token", options->page_token, "Go on where the page before ended")->type_name("TOKEN-TEXT");
  return [options](Context& context) { return list(context, *options); };
}

Run declare_show(CLI::App& app) {
  auto id = std::make_shared<std::string>();
  app.add_option("id", *id, "Id of the message")->required()->type_name(kMessageValue);
  return [id](Context& context) { return show(context, *id); };
}

}  // namespace

Commands messages_commands() {
  return {
      {"messages", "list", "List messages, the newest first",
       "konekwa messages list --session ses_01 --direction received --page-size 5", declare_list},
      {"messages", "show", "Show one message", "konekwa messages show msg_01j9z3m8t4", declare_show},
  };
}

}  // namespace konekwa::cli
