#include "daemon/credentials.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace konekwa {
namespace {

constexpr std::string_view kPrefix = "konekwad_";

tl::unexpected<Error> unreadable(const std::string& path, const std::string& why) {
  return fail(Error(ErrorCode::INVALID_REQUEST, "cannot read the credential " + path, why));
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kCredentialOctetsMax + 1, '\0');
  if (!file) return unreadable(path, std::strerror(errno));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return unreadable(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kCredentialOctetsMax) return unreadable(path, "it is longer than 64 KiB");
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> read_credentials(const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> out;
  if (folder.empty()) return out;
  std::error_code failed;
  for (std::filesystem::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    auto text = read_text(it->path().string());
    if (!text) return fail(text.error());
    out.emplace_back(name.substr(kPrefix.size()), std::move(*text));
  }
  if (failed) return unreadable(folder, failed.message());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace konekwa
