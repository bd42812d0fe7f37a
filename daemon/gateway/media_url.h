// "konekwa://media/med_...": the file of an upload, where a message wants a media URL. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace konekwa {

std::string media_url_of(const std::string& upload);
bool is_upload_url(std::string_view url);                          // has the scheme, whatever follows
std::optional<std::string> upload_of(std::string_view media_url);  // the upload's id; nothing when it names none

}  // namespace konekwa
