#include "cli/connect.h"

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "common/paths.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kKeyFileBytesMax = 4096;

std::string usual_socket() {
  const std::vector<std::string> candidates = paths::socket_candidates();
  for (const std::string& path : candidates) {
    if (::access(path.c_str(), F_OK) == 0) return path;
  }
  return candidates.front();   // connecting to it says what is missing
}

api::Outcome<std::string> read_key(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kKeyFileBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("KONEKWA_API_KEY_FILE cannot be read: {}", path));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

api::Outcome<std::string> find_key(const GlobalOptions& options) {
  if (!options.api_key.empty()) return options.api_key;
  if (std::string key = environment("KONEKWA_API_KEY"); !key.empty()) return key;
  const std::string file = environment("KONEKWA_API_KEY_FILE");
  return file.empty() ? api::Outcome<std::string>() : read_key(file);
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

api::Outcome<api::ApiClient::Options> find_daemon(const GlobalOptions& options) {
  std::string address = options.url;
  if (address.empty()) address = environment("KONEKWA_URL");
  if (address.empty()) address = usual_socket();
  Result<api::Url> url = api::parse_url(address);
  if (!url) return api::failed(api::Failure(url.error()));
  api::Outcome<std::string> key = find_key(options);
  if (!key) return api::failed(key.error());

  api::ApiClient::Options out;
  out.url = std::move(*url);
  out.api_key = std::move(*key);
  out.tenant = options.tenant;
  return out;
}

}  // namespace konekwa::cli
