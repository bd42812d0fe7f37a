#include <algorithm>
#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/print.h"
#include "cli/sandbox_client.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kTextBytesMax = 64u << 10;
constexpr Duration kInboxPollInterval = milliseconds(100);

struct Options {
  std::string number, message, timeout = "30s";    // inbox, read, media
  int wait = 0;
  std::string output;                              // media
};

// What `say` sends: one of the kinds, and what goes with it.
struct Words {
  std::string from, to;
  std::vector<std::string> files;                  // by kFileKinds, "" where it is not that
  std::string text, caption, filename, mimetype;
  std::vector<double> place;                       // latitude, longitude
  std::string vcard, name;                         // a card's file; of a place or a card
  std::string poll;
  std::vector<std::string> options;
  std::string target, emoji;                       // of a reaction
  std::string edit, revoke, quote;                 // ids
  std::vector<std::string> mentions;
  bool is_view_once = false;
};

struct FileKind {
  const char* kind;
  const char* option;
  const char* description;
};
constexpr FileKind kFileKinds[] = {
    {"image", "--image", "A picture"},        {"video", "--video", "A video"},
    {"gif", "--gif", "A video without sound that plays by itself"}, {"audio", "--audio", "A sound"},
    {"voice", "--voice", "A voice note"},     {"document", "--document", "Any file"},
    {"sticker", "--sticker", "A sticker"},
};

api::Outcome<std::string> content_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) return api::failed(api::unreadable(path));
  return content;
}

// Uploads the file and names it in the body.
api::Outcome<> add_file(Sandbox& sandbox, const std::string& kind, const std::string& path, const Words& words,
                        Json& saying) {
  const auto content = content_of_file(path);
  if (!content) return api::failed(content.error());
  const auto kept = sandbox.keep_file(*content);
  if (!kept) return api::failed(kept.error());
  saying["kind"] = kind;
  saying["file"] = field(kept->body, "file");
  const std::string base = path.substr(path.rfind('/') + 1);
  if (kind == "document") saying["filename"] = words.filename.empty() ? base : words.filename;
  if (!words.caption.empty()) saying["caption"] = words.caption;
  if (!words.mimetype.empty()) saying["mimetype"] = words.mimetype;
  if (words.is_view_once) saying["view_once"] = true;
  return {};
}

api::Outcome<> add_card(const Words& words, Json& saying) {
  const auto card = content_of_file(words.vcard);
  if (!card) return api::failed(card.error());
  saying.update({{"kind", "contact"}, {"vcard", *card}, {"name", words.name}});
  return {};
}

// How many kinds the options choose.
int chosen_kinds(const Words& words) {
  int count = words.place.empty() ? 0 : 1;
  for (const std::string& file : words.files) count += file.empty() ? 0 : 1;
  for (const std::string* one : {&words.text, &words.vcard, &words.poll, &words.target, &words.revoke}) {
    count += one->empty() ? 0 : 1;
  }
  return count;
}

// The one kind that the options choose.
api::Outcome<> add_kind(Context& context, Sandbox& sandbox, const Words& words, Json& saying) {
  for (std::size_t i = 0; i < std::size(kFileKinds); ++i) {
    if (!words.files[i].empty()) return add_file(sandbox, kFileKinds[i].kind, words.files[i], words, saying);
  }
  if (!words.vcard.empty()) return add_card(words, saying);
  if (words.place.size() == 2) {
    saying.update({{"kind", "location"}, {"latitude", words.place[0]}, {"longitude", words.place[1]},
                   {"name", words.name}});
    return {};
  }
  if (!words.poll.empty()) {
    saying.update({{"kind", "poll"}, {"text", words.poll}, {"options", words.options}});
  } else if (!words.revoke.empty()) {
    saying.update({{"kind", "revoke"}, {"target", words.revoke}});
  } else if (!words.target.empty()) {
    saying.update({{"kind", "reaction"}, {"target", words.target}, {"emoji", words.emoji}});
  } else {
    const auto text = text_or_stdin(context, words.text, kTextBytesMax);
    if (!text) return api::failed(text.error());
    saying["text"] = *text;
    if (!words.edit.empty()) saying.update({{"kind", "edit"}, {"target", words.edit}});
  }
  return {};
}

api::Outcome<> say(Context& context, Sandbox& sandbox, const Words& words) {
  if (chosen_kinds(words) != 1) {
    return api::failed(ErrorCode::INVALID_REQUEST, "exactly one kind of message is needed",
                       "choose one of --text, --image, --document ...; see konekwa sandbox say --help");
  }
  Json saying = {{"to", words.to}};
  if (auto added = add_kind(context, sandbox, words, saying); !added) return api::failed(added.error());
  if (!words.quote.empty()) saying["quote"] = words.quote;
  if (!words.mentions.empty()) saying["mentions"] = words.mentions;
  auto response = sandbox.say(words.from, saying);
  if (!response) return api::failed(response.error());
  const std::string id = field(response->body, "id");
  context.output.answer(*response, {id}, fmt::format("said, message {}\n", id));
  return {};
}

api::Outcome<> read(Context& context, Sandbox& sandbox, const Options& options) {
  auto response = sandbox.read(options.number, options.message);
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {options.message}, fmt::format("read {}\n", printable(options.message)));
  return {};
}

// Other kinds than text say what they are.
std::string shown_text(const Json& seen) {
  const std::string kind = field(seen, "kind");
  const std::string text = field(seen, "text");
  if (kind.empty() || kind == "text") return text;
  return fmt::format("[{}]{}{}", kind, text.empty() ? "" : " ", text);
}

void print_inbox(Context& context, const api::Response& response) {
  Table table({"ID", "AT", "FROM", "TEXT"});
  std::vector<std::string> ids;
  for (const Json& seen : child(response.body, "messages")) {
    ids.push_back(field(seen, "id"));
    table.add({field(seen, "id"), field(seen, "timestamp"), field(seen, "from"), shown_text(seen)});
  }
  context.output.answer(response, ids, table.text(context.columns()));
}

api::Outcome<> inbox(Context& context, Sandbox& sandbox, const Options& options) {
  const Duration timeout = duration_of(options.timeout);
  const Duration begin = context.clock.elapsed();
  for (;;) {
    auto response = sandbox.inbox(options.number);
    if (!response) return api::failed(response.error());
    const auto count = static_cast<int>(child(response->body, "messages").size());
    const bool is_late = context.clock.elapsed() - begin >= timeout;
    if (count >= options.wait || is_late) {
      print_inbox(context, *response);
      if (count >= options.wait) return {};
      return api::failed(ErrorCode::TIMEOUT,
                         fmt::format("{} of {} messages after {}", count, options.wait, options.timeout));
    }
    if (!context.clock.pause(kInboxPollInterval)) return api::failed(ErrorCode::CANCELLED, "cancelled");
  }
}

api::Outcome<> media(Context& context, Sandbox& sandbox, const Options& options) {
  auto response = sandbox.media(options.number, options.message);
  if (!response) return api::failed(response.error());
  std::ofstream file(options.output, std::ios::binary | std::ios::trunc);
  file.write(response->raw.data(), static_cast<std::streamsize>(response->raw.size()));
  file.close();
  if (!file) return api::failed(ErrorCode::INVALID_REQUEST, "cannot write " + options.output);
  const Json answer = {{"file", options.output}, {"size", response->raw.size()}};
  context.output.answer({response->status, answer.dump(), answer}, {options.output}, printable(options.output) + "\n");
  return {};
}

Run declare_say(CLI::App& app) {
  auto words = std::make_shared<Words>();
  words->files.resize(std::size(kFileKinds));
  app.add_option("--from", words->from, "Number of the phone that writes")->required()->type_name("NUMBER");
  app.add_option("--to", words->to, "Number it writes to")->required()->type_name("NUMBER");
  app.add_option("--text", words->text, "A text, or - to read it from stdin")->type_name("TEXT");
  for (std::size_t i = 0; i < std::size(kFileKinds); ++i) {
    app.add_option(kFileKinds[i].option, words->files[i], kFileKinds[i].description)->type_name(kFileValue);
  }
  app.add_option("--location", words->place, "A place: latitude, then longitude")->type_name("DEGREES")->expected(2);
  app.add_option("--contact", words->vcard, "A card, from a vCard file")->type_name(kFileValue);
  app.add_option("--poll", words->poll, "A poll with this question")->type_name("TEXT");
  app.add_option("--option", words->options, "An answer of the poll; give several")->type_name("TEXT");
  app.add_option("--react", words->target, "A reaction to this message, with --emoji")->type_name("ID");
  app.add_option("--emoji", words->emoji, "The reaction (default: none, which takes it back)")->type_name("EMOJI");
  app.add_option("--edit", words->edit, "--text replaces that of this message")->type_name("ID");
  app.add_option("--delete", words->revoke, "Delete this message for everyone")->type_name("ID");
  app.add_option("--caption", words->caption, "A text below a picture, video or document")->type_name("TEXT");
  app.add_option("--filename", words->filename, "What a document is called")->type_name("NAME");
  app.add_option("--mimetype", words->mimetype, "What a file is (default: by its kind)")->type_name("MIME");
  app.add_flag("--view-once", words->is_view_once, "The picture or video can be seen once");
  app.add_option("--name", words->name, "What a place or a card is called")->type_name("NAME");
  app.add_option("--quote", words->quote, "The message that this one answers")->type_name("ID");
  app.add_option("--mention", words->mentions, "A number that the text names with @; give several")
      ->type_name("NUMBER");
  return with_sandbox(app, words, say);
}

Run declare_inbox(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("number", options->number, "Number of the phone")->required()->type_name("NUMBER");
  app.add_option("--wait", options->wait, "Wait until it holds so many messages")->type_name("COUNT");
  app.add_option("--timeout", options->timeout, "Wait at most so long (default: 30s)")
      ->type_name(kDurationValue)->check(duration_problem);
  return with_sandbox(app, options, inbox);
}

Run declare_read(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("number", options->number, "Number of the phone")->required()->type_name("NUMBER");
  app.add_option("message", options->message, "Id of the message, from its inbox")->required()->type_name("ID");
  return with_sandbox(app, options, read);
}

Run declare_media(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("number", options->number, "Number of the phone")->required()->type_name("NUMBER");
  app.add_option("message", options->message, "Id of the message, from its inbox")->required()->type_name("ID");
  app.add_option("--output", options->output, "Where the file goes")->required()->type_name(kFileValue);
  return with_sandbox(app, options, media);
}

}  // namespace

Commands sandbox_messages_commands() {
  return {
      {"sandbox", "say", "Write a message on a phone",
       "konekwa sandbox say --from 6289876543210 --to 6281234567890 --text 'Masih ada?'", declare_say},
      {"sandbox", "inbox", "Show what a phone has received", "konekwa sandbox inbox 6289876543210 --wait 1",
       declare_inbox},
      {"sandbox", "read", "Open a message on a phone, which sends a read receipt",
       "konekwa sandbox read 6289876543210 3EB0A1B2C3D4", declare_read},
      {"sandbox", "media", "Save the file of a message that a phone has received",
       "konekwa sandbox media 6289876543210 3EB0A1B2C3D4 --output foto.jpg", declare_media},
  };
}

}  // namespace konekwa::cli
