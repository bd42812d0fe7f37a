#include "daemon/sandbox/pictures.h"

#include <nlohmann/json.hpp>

namespace konekwa::sandbox {
namespace {

constexpr std::string_view kFolder = "/pictures/";
constexpr std::string_view kEnding = ".jpg";
constexpr std::uint8_t kJpegStart[] = {0xFF, 0xD8, 0xFF};

}  // namespace

bool Pictures::is_picture(ByteView bytes) {
  return bytes.size() <= kPictureBytesMax && bytes.size() > std::size(kJpegStart) &&
         std::equal(std::begin(kJpegStart), std::end(kJpegStart), bytes.begin());
}

const Pictures::Picture& Pictures::set(const wa::Jid& owner, ByteView jpeg, Time now) {
  newest_id_ = std::max(newest_id_ + 1, static_cast<std::uint64_t>(unix_seconds(now)));
  Picture& picture = by_owner_[to_string(owner)];
  picture = {std::to_string(newest_id_), konekwa::to_string(jpeg)};
  return picture;
}

bool Pictures::erase(const wa::Jid& owner) { return by_owner_.erase(to_string(owner)) > 0; }

const Pictures::Picture* Pictures::find(const wa::Jid& owner) const {
  const auto found = by_owner_.find(to_string(owner));
  return found == by_owner_.end() ? nullptr : &found->second;
}

bool Pictures::is_path(const std::string& path) { return path.starts_with(kFolder); }

std::string Pictures::path_of(const Picture& picture) {
  return std::string(kFolder) + picture.id + std::string(kEnding);
}

const Pictures::Picture* Pictures::at_path(const std::string& path) const {
  for (const auto& [owner, picture] : by_owner_) {
    if (path_of(picture) == path) return &picture;
  }
  return nullptr;
}

Json Pictures::describe() const {
  Json pictures = Json::array();
  for (const auto& [owner, picture] : by_owner_) {
    pictures.push_back({owner, picture.id, to_base64(as_bytes(picture.jpeg))});
  }
  return {{"newest_id", newest_id_}, {"pictures", pictures}};
}

bool Pictures::restore(const Json& json) {
  newest_id_ = json.at("newest_id").get<std::uint64_t>();
  for (const Json& one : json.at("pictures")) {
    const auto jpeg = from_base64(one.at(2).get<std::string>());
    if (!jpeg) return false;
    by_owner_[one.at(0).get<std::string>()] = {one.at(1).get<std::string>(), konekwa::to_string(*jpeg)};
  }
  return true;
}

}  // namespace konekwa::sandbox
