#include "daemon/sandbox/saying.h"

#include <algorithm>

namespace konekwa::sandbox {
namespace {

using Kind = wa::Content::Kind;
using Fill = Result<> (*)(const Saying&, wa::Content&);

Result<> require(bool is_there, const char* what) {
  if (!is_there) return fail(ErrorCode::INVALID_REQUEST, what);
  return {};
}

Result<> fill_text(const Saying& saying, wa::Content&) {
  return require(!saying.text.empty(), "text: a text is required");
}

struct MediaName {
  std::string_view name;
  wa::MediaKind kind;
  const char* mimetype;
  bool wa::MediaContent::* flag;        // what tells it from others of its kind
};
constexpr MediaName kMediaNames[] = {
    {"image", wa::MediaKind::Image, "image/jpeg", nullptr},
    {"video", wa::MediaKind::Video, "video/mp4", nullptr},
    {"gif", wa::MediaKind::Video, "video/mp4", &wa::MediaContent::is_gif},
    {"video_note", wa::MediaKind::Video, "video/mp4", &wa::MediaContent::is_video_note},
    {"audio", wa::MediaKind::Audio, "audio/mpeg", nullptr},
    {"voice", wa::MediaKind::Audio, "audio/ogg; codecs=opus", &wa::MediaContent::is_voice},
    {"document", wa::MediaKind::Document, "application/octet-stream", nullptr},
    {"sticker", wa::MediaKind::Sticker, "image/webp", nullptr},
};

const MediaName* media_name(const std::string& kind) {
  const auto found = std::find_if(std::begin(kMediaNames), std::end(kMediaNames),
                                  [&](const MediaName& one) { return one.name == kind; });
  return found == std::end(kMediaNames) ? nullptr : found;
}

Result<> fill_media(const Saying& saying, wa::Content& content) {
  const MediaName& name = *media_name(saying.kind);
  wa::MediaContent media;
  media.file.kind = name.kind;
  media.file.mimetype = saying.mimetype.empty() ? name.mimetype : saying.mimetype;
  media.filename = saying.filename;
  media.width = saying.width;
  media.height = saying.height;
  media.seconds = saying.seconds;
  if (name.flag) media.*name.flag = true;
  content.media = std::move(media);
  content.is_view_once = saying.is_view_once;
  return require(!saying.file.empty(), "file: a media message needs a file");
}

Result<> fill_location(const Saying& saying, wa::Content& content) {
  const bool is_on_globe = saying.latitude >= -90 && saying.latitude <= 90 && saying.longitude >= -180 &&
                           saying.longitude <= 180;
  content.location.emplace();
  content.location->latitude = saying.latitude;
  content.location->longitude = saying.longitude;
  content.location->name = saying.name;
  content.location->address = saying.address;
  return require(is_on_globe, "latitude, longitude: not on the globe");
}

Result<> fill_contact(const Saying& saying, wa::Content& content) {
  content.contacts = {{saying.name, saying.vcard}};
  return require(!saying.vcard.empty(), "vcard: a card is required");
}

Result<> fill_poll(const Saying& saying, wa::Content& content) {
  content.poll = wa::PollContent{saying.options, saying.selectable};
  return require(!saying.text.empty() && saying.options.size() >= 2, "text, options: a question and two options");
}

Result<> fill_reaction(const Saying& saying, wa::Content&) {
  return require(!saying.target.empty(), "target: the id of a message is required");
}

Result<> fill_edit(const Saying& saying, wa::Content& content) {
  content.edited = wa::encode_text(saying.text);
  return require(!saying.target.empty() && !saying.text.empty(), "target, text: a message's id and its text");
}

struct KindName {
  std::string_view name;
  Kind kind;
  Fill fill;
};
constexpr KindName kKindNames[] = {
    {"text", Kind::Text, fill_text},          {"location", Kind::Location, fill_location},
    {"contact", Kind::Contact, fill_contact}, {"poll", Kind::Poll, fill_poll},
    {"reaction", Kind::Reaction, fill_reaction}, {"edit", Kind::Edit, fill_edit},
    {"revoke", Kind::Revoke, fill_reaction},
};

std::string media_kind_of(const wa::MediaContent& media) {
  for (const MediaName& name : kMediaNames) {
    if (name.kind == media.file.kind && name.flag && media.*name.flag) return std::string(name.name);
  }
  return std::string(to_string(media.file.kind));
}

}  // namespace

bool is_media_kind(const std::string& kind) { return media_name(kind) != nullptr; }

Result<wa::Content> content_of(const Saying& saying) {
  wa::Content content;
  content.text = saying.text;
  content.context.expiration_s = saying.expiration_s;
  Fill fill = nullptr;
  if (is_media_kind(saying.kind)) {
    content.kind = Kind::Media;
    fill = fill_media;
  }
  for (const KindName& name : kKindNames) {
    if (name.name != saying.kind) continue;
    content.kind = name.kind;
    fill = name.fill;
  }
  if (!fill) return fail(ErrorCode::INVALID_REQUEST, "kind: a phone cannot send " + saying.kind);
  if (const auto filled = fill(saying, content); !filled) return fail(filled.error());
  return content;
}

std::string kind_of(const wa::Content& content) {
  if (content.kind == Kind::Media && content.media) return media_kind_of(*content.media);
  if (content.kind == Kind::Location && content.location && content.location->is_live) return "live_location";
  for (const KindName& name : kKindNames) {
    if (name.kind == content.kind) return std::string(name.name);
  }
  return content.type_name.empty() ? "unsupported" : content.type_name;
}

std::string text_of(const wa::Content& content) {
  if (content.kind != Kind::Edit || content.edited.empty()) return content.text;
  const auto edited = wa::parse_content(content.edited);
  return edited ? edited->text : "";
}

}  // namespace konekwa::sandbox
