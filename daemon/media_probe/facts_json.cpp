#include "daemon/media_probe/facts_json.h"

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/media_probe/limits.h"

namespace konekwa::media_probe {
namespace {

// Each reads one value into the facts, and says whether it may stand.
bool read_number(const Json& value, std::uint32_t max, std::uint32_t& into) {
  if (!value.is_number_unsigned()) return false;
  const auto number = value.get<std::uint64_t>();
  into = static_cast<std::uint32_t>(number);
  return number > 0 && number <= max;
}

bool read_flag(const Json& value, bool& into) {
  if (!value.is_boolean()) return false;
  into = value.get<bool>();
  return true;
}

bool is_token_octet(char octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') ||
         std::string_view("+-.").find(octet) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_octet);
}

// type/subtype, without parameters.
bool read_mimetype(const Json& value, std::string& into) {
  if (!value.is_string()) return false;
  into = value.get<std::string>();
  const auto slash = into.find('/');
  return into.size() <= kMimetypeOctetsMax && slash != std::string::npos &&
         is_token(std::string_view(into).substr(0, slash)) && is_token(std::string_view(into).substr(slash + 1));
}

// Phones show it before anybody agreed to the file, so at least it begins and ends as a JPEG does.
bool read_thumbnail(const Json& value, Bytes& into) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > (kThumbnailOctetsMax + 2) / 3 * 4) return false;
  auto octets = from_base64(text);
  if (!octets || octets->size() > kThumbnailOctetsMax || octets->size() < 5) return false;
  const std::size_t size = octets->size();
  const bool is_jpeg = (*octets)[0] == 0xff && (*octets)[1] == 0xd8 && (*octets)[2] == 0xff &&
                       (*octets)[size - 2] == 0xff && (*octets)[size - 1] == 0xd9;
  into = std::move(*octets);
  return is_jpeg;
}

bool read_waveform(const Json& value, Bytes& into) {
  if (!value.is_array() || value.size() != kWaveformValues) return false;
  for (const Json& item : value) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > kWaveformValueMax) return false;
    into.push_back(item.get<std::uint8_t>());
  }
  return true;
}

struct Field {
  const char* name;
  bool (*read)(const Json& value, MediaFacts& facts);
};

constexpr Field kFields[] = {
    {"mimetype", [](const Json& value, MediaFacts& facts) { return read_mimetype(value, facts.mimetype); }},
    {"width", [](const Json& value, MediaFacts& facts) { return read_number(value, kEdgeMax, facts.width); }},
    {"height", [](const Json& value, MediaFacts& facts) { return read_number(value, kEdgeMax, facts.height); }},
    {"seconds", [](const Json& value, MediaFacts& facts) { return read_number(value, kSecondsMax, facts.seconds); }},
    {"is_opus", [](const Json& value, MediaFacts& facts) { return read_flag(value, facts.is_opus); }},
    {"is_animated", [](const Json& value, MediaFacts& facts) { return read_flag(value, facts.is_animated); }},
    {"thumbnail", [](const Json& value, MediaFacts& facts) { return read_thumbnail(value, facts.thumbnail); }},
    {"waveform", [](const Json& value, MediaFacts& facts) { return read_waveform(value, facts.waveform); }},
};

}  // namespace

std::string write_media_facts(const MediaFacts& facts) {
  Json out = Json::object();
  if (!facts.mimetype.empty()) out["mimetype"] = facts.mimetype;
  if (facts.width > 0) out["width"] = facts.width;
  if (facts.height > 0) out["height"] = facts.height;
  if (facts.seconds > 0) out["seconds"] = facts.seconds;
  if (facts.is_opus) out["is_opus"] = true;
  if (facts.is_animated) out["is_animated"] = true;
  if (!facts.thumbnail.empty()) out["thumbnail"] = to_base64(facts.thumbnail);
  if (!facts.waveform.empty()) out["waveform"] = facts.waveform;
  return out.dump();
}

Result<MediaFacts> read_media_facts(std::string_view text) {
  if (text.size() > kAnswerOctetsMax) return fail(ErrorCode::PROTOCOL, "the media probe's answer is too long");
  const auto json = parse_json(text);
  if (!json || !json->is_object()) return fail(ErrorCode::PROTOCOL, "the media probe's answer is not a JSON object");
  MediaFacts facts;
  for (const auto& [name, value] : json->items()) {
    const auto field = std::find_if(std::begin(kFields), std::end(kFields),
                                    [&name = name](const Field& known) { return name == known.name; });
    if (field == std::end(kFields)) return fail(ErrorCode::PROTOCOL, "the media probe says what it was not asked");
    if (!field->read(value, facts)) {
      return fail(ErrorCode::PROTOCOL, std::string("the media probe's ") + field->name + " cannot be");
    }
  }
  if ((facts.width == 0) != (facts.height == 0)) {
    return fail(ErrorCode::PROTOCOL, "the media probe knows one edge only");
  }
  return facts;
}

}  // namespace konekwa::media_probe
