#include "daemon/sandbox/admin_calls.h"
#include "daemon/sandbox/phone.h"
#include "daemon/sandbox/phone_operations.h"

namespace konekwa::sandbox {
namespace {

// --- what a phone is told to say ---

struct TextField {
  const char* name;
  std::string Saying::* value;
};
constexpr TextField kTextFields[] = {
    {"kind", &Saying::kind},         {"text", &Saying::text},       {"caption", &Saying::text},
    {"emoji", &Saying::text},        {"mimetype", &Saying::mimetype}, {"filename", &Saying::filename},
    {"name", &Saying::name},         {"address", &Saying::address}, {"vcard", &Saying::vcard},
    {"target", &Saying::target},     {"quote", &Saying::quote},
};
struct NumberField {
  const char* name;
  std::uint32_t Saying::* value;
};
constexpr NumberField kNumberFields[] = {{"width", &Saying::width},
                                         {"height", &Saying::height},
                                         {"seconds", &Saying::seconds},
                                         {"selectable", &Saying::selectable},
                                         {"expiration_s", &Saying::expiration_s}};
struct DegreeField {
  const char* name;
  double Saying::* value;
};
constexpr DegreeField kDegreeFields[] = {{"latitude", &Saying::latitude}, {"longitude", &Saying::longitude}};
struct ListField {
  const char* name;
  std::vector<std::string> Saying::* value;
};
constexpr ListField kListFields[] = {{"options", &Saying::options}, {"mentions", &Saying::mentions}};

template <class Field, std::size_t N>
const Field* field_named(const Field (&fields)[N], const std::string& name) {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool are_strings(const Json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& one) { return one.is_string(); });
}

tl::unexpected<Error> wrong(const std::string& name, const char* what) {
  return fail(ErrorCode::INVALID_REQUEST, name + ": " + what);
}

Result<> take_field(const std::string& name, const Json& value, Saying& saying) {
  if (const TextField* text = field_named(kTextFields, name)) {
    if (!value.is_string()) return wrong(name, "a string");
    saying.*text->value = value.get<std::string>();
  } else if (const NumberField* number = field_named(kNumberFields, name)) {
    if (!value.is_number_unsigned()) return wrong(name, "a number");
    saying.*number->value = value.get<std::uint32_t>();
  } else if (const DegreeField* degree = field_named(kDegreeFields, name)) {
    if (!value.is_number()) return wrong(name, "a number");
    saying.*degree->value = value.get<double>();
  } else if (const ListField* list = field_named(kListFields, name)) {
    if (!are_strings(value)) return wrong(name, "a list of strings");
    saying.*list->value = value.get<std::vector<std::string>>();
  } else if (name == "view_once") {
    if (!value.is_boolean()) return wrong(name, "true or false");
    saying.is_view_once = value.get<bool>();
  } else if (name != "to" && name != "file" && name != "file_base64") {
    return wrong(name, "there is no such field");
  }
  return {};
}

Result<std::string> file_from_base64(Network& network, const std::string& text) {
  const auto bytes = from_base64(text);
  if (!bytes) return fail(ErrorCode::INVALID_REQUEST, "file_base64: not base64");
  const auto path = network.media.store().new_path();
  if (!path) return fail(path.error());
  IncomingFile file(*path);
  file.write(*bytes);
  if (!file.is_good()) return fail(ErrorCode::STORAGE_UNAVAILABLE);
  const IncomingFile::Finished finished = file.release();
  return keep_file(network, finished);
}

// The path of the file that is to be sent; "" when none is named.
Result<std::string> file_to_send(Call& call) {
  std::string name = field(call, "file");
  if (const std::string text = field(call, "file_base64"); !text.empty()) {
    auto kept = file_from_base64(call.network, text);
    if (!kept) return fail(kept.error());
    name = std::move(*kept);
  }
  if (name.empty()) return std::string();
  const MediaStore::File* file = call.network.media.store().find(kFileKeyPrefix + name);
  if (!file) return fail(ErrorCode::NOT_FOUND, "file: there is no file " + name);
  return file->path;
}

// --- what a phone has got ---

std::string number_of(Network& network, const std::string& jid_text) {
  const auto jid = wa::Jid::parse(jid_text);
  const Account* account = jid ? network.directory.find(*jid) : nullptr;
  return account ? account->number : jid_text;
}

// Fit for a header; it comes from whoever sent the message.
bool is_mimetype(const std::string& text) {
  return text.size() < 100 && text.find('/') != text.npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; });
}

Json describe_file(const ReceivedMessage& message, const wa::MediaContent& media) {
  Json json = {{"mimetype", media.file.mimetype},
               {"size", media.file.length},
               {"direct_path", media.file.direct_path},
               {"width", media.width},
               {"height", media.height},
               {"seconds", media.seconds},
               {"thumbnail_bytes", media.thumbnail.size()},
               {"waveform_bytes", media.waveform.size()},
               {"animated", media.is_animated},
               {"sha256", to_hex(message.file_sha256)}};
  if (!media.filename.empty()) json["filename"] = media.filename;
  if (!message.file_problem.empty()) json["file_problem"] = message.file_problem;
  return json;
}

Json describe_parts(Network& network, const wa::Content& content) {
  Json json = Json::object();
  if (content.location) {
    json["location"] = {{"latitude", content.location->latitude},
                        {"longitude", content.location->longitude},
                        {"name", content.location->name},
                        {"address", content.location->address}};
  }
  for (const wa::ContactCard& card : content.contacts) {
    json["contacts"].push_back({{"name", card.display_name}, {"vcard", card.vcard}});
  }
  if (content.poll) json["poll"] = {{"options", content.poll->options}, {"selectable", content.poll->selectable}};
  if (content.preview) {
    json["preview"] = {{"url", content.preview->matched_text},
                       {"title", content.preview->title},
                       {"description", content.preview->description}};
  }
  if (content.target) json["target"] = content.target->id;
  if (content.context.quote) json["quote"] = content.context.quote->id;
  for (const std::string& jid : content.context.mentions) json["mentions"].push_back(number_of(network, jid));
  if (content.context.is_forwarded) json["forwarded"] = content.context.forwarding_score;
  if (content.context.expiration_s > 0) json["expiration_s"] = content.context.expiration_s;
  if (content.is_view_once) json["view_once"] = true;
  return json;
}

Json describe(Network& network, const ReceivedMessage& message) {
  Json json = {{"id", message.seen.id},
               {"kind", message.seen.kind},
               {"from", message.seen.from},
               {"chat", message.seen.chat},
               {"from_me", message.seen.from_me},
               {"text", message.seen.text},
               {"timestamp", to_rfc3339(message.seen.at)},
               {"read", message.is_read}};
  if (!message.reactions.empty()) json["reactions"] = message.reactions;
  if (message.is_edited) json["edited"] = true;
  if (message.is_revoked) json["revoked"] = true;
  if (message.message.empty()) return json;
  const auto content = wa::parse_content(message.message);
  if (!content) return json;
  json.update(describe_parts(network, *content));
  if (!content->media) return json;
  json["caption"] = message.seen.text;
  json.update(describe_file(message, *content->media));
  return json;
}

}  // namespace

Answer say_something(Call& call) {
  Saying saying;
  for (const auto& [name, value] : call.json.items()) {
    if (const auto taken = take_field(name, value, saying); !taken) return fail(taken.error());
  }
  const auto file = file_to_send(call);
  if (!file) return fail(file.error());
  saying.file = *file;
  const auto id = say(call.network, call.path[1], field(call, "to"), saying);
  if (!id) return fail(id.error());
  return Json{{"id", *id}};
}

Answer show_inbox(Call& call) {
  const auto account = account_at(call.network, call.path[1]);
  if (!account) return fail(account.error());
  Json messages = Json::array();
  for (const ReceivedMessage& one : (*account)->phone.inbox) messages.push_back(describe(call.network, one));
  return Json{{"messages", messages}};
}

Answer send_media_of_inbox(Call& call) {
  const auto account = account_at(call.network, call.path[1]);
  if (!account) return fail(account.error());
  const std::string& id = call.path[3];
  const auto file = call.network.phone_of(**account).file_of(id);
  if (!file) return fail(file.error());
  std::string type = "application/octet-stream";
  for (const ReceivedMessage& one : (*account)->phone.inbox) {
    const auto content = one.seen.id == id ? wa::parse_content(one.message) : fail(ErrorCode::NOT_FOUND);
    if (content && content->media && is_mimetype(content->media->file.mimetype)) type = content->media->file.mimetype;
  }
  call.file = SandboxAnswer{200, {}, (*file)->path, type, (*file)->size};
  return Json::object();
}

Answer show_sent(Call& call) {
  const auto account = account_at(call.network, call.path[1]);
  if (!account) return fail(account.error());
  Json messages = Json::array();
  for (const SentMessage& one : (*account)->phone.sent) {
    Json ticks = Json::array();
    for (const SentMessage::Tick& tick : one.ticks) {
      ticks.push_back({{"from", tick.from},
                       {"type", tick.type.empty() ? "delivered" : tick.type},
                       {"at", to_rfc3339(tick.at)}});
    }
    const Account* chat = call.network.directory.find_lid(one.chat);
    Json message = {{"id", one.id},
                    {"kind", one.kind},
                    {"chat", chat ? chat->number : one.chat},
                    {"text", one.text},
                    {"timestamp", to_rfc3339(one.at)},
                    {"receipts", ticks}};
    if (!one.reactions.empty()) message["reactions"] = one.reactions;
    messages.push_back(std::move(message));
  }
  return Json{{"messages", messages}};
}

}  // namespace konekwa::sandbox
