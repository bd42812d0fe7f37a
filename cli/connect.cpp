#include "cli/connect.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/config_file.h"
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

api::Outcome<std::string> read_key(const Setting& setting) {
  std::ifstream file(setting.value, std::ios::binary);
  std::string text(kKeyFileBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return api::failed(ErrorCode::INVALID_REQUEST,
                       fmt::format("the API key file cannot be read: {} ({})", setting.value, setting.origin));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (!text.empty()) return text;
  return api::failed(ErrorCode::INVALID_REQUEST,
                     fmt::format("the API key file is empty: {} ({})", setting.value, setting.origin));
}

// A key that came out empty must not become no key at all: on the Unix socket that is an administrator's.
api::Outcome<> check_key_variables(const GlobalOptions& options) {
  if (!options.api_key.empty() || !options.api_key_file.empty()) return {};
  for (const char* name : {"KONEKWA_API_KEY", "KONEKWA_API_KEY_FILE"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value != '\0') continue;
    return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{} is set and empty", name),
                       fmt::format("give it a value, or unset {}", name));
  }
  return {};
}

// One place that may say something. The first one counts.
struct Level {
  std::string origin;                  // "": each value has its own
  ConfigFile::Values values;
  std::map<std::string, std::string> origins;

  Setting get(const std::string& key) const {
    const auto found = values.find(key);
    if (found == values.end() || found->second.empty()) return {};
    return {found->second, origin.empty() ? origins.at(key) : origin};
  }
};

Setting first_of(const std::vector<Level>& levels, const std::string& key) {
  for (const Level& level : levels) {
    if (Setting setting = level.get(key); !setting.value.empty()) return setting;
  }
  return {};
}

Level flags(const GlobalOptions& options) {
  return {"",
          {{"url", options.url}, {"api-key", options.api_key}, {"api-key-file", options.api_key_file},
           {"tenant", options.tenant}},
          {{"url", "--url"}, {"api-key", "--api-key"}, {"api-key-file", "--api-key-file"}, {"tenant", "--tenant"}}};
}

Level variables() {
  return {"",
          {{"url", environment("KONEKWA_URL")}, {"api-key", environment("KONEKWA_API_KEY")},
           {"api-key-file", environment("KONEKWA_API_KEY_FILE")}, {"session", environment("KONEKWA_SESSION")}},
          {{"url", "KONEKWA_URL"}, {"api-key", "KONEKWA_API_KEY"}, {"api-key-file", "KONEKWA_API_KEY_FILE"},
           {"session", "KONEKWA_SESSION"}}};
}

Setting chosen_profile(const GlobalOptions& options, const ConfigFile& user, const ConfigFile& system) {
  if (!options.profile.empty()) return {options.profile, "--profile"};
  if (std::string name = environment("KONEKWA_PROFILE"); !name.empty()) return {name, "KONEKWA_PROFILE"};
  if (!user.profile.empty()) return {user.profile, user_config_path()};
  if (!system.profile.empty()) return {system.profile, kSystemConfigPath};
  return {std::string(kDefaultProfile), ""};
}

// The key or the file with it, whichever comes first. Not one that belongs to another URL.
void choose_key(const std::vector<Level>& levels, Settings& settings) {
  for (const Level& level : levels) {
    const Setting key = level.get("api-key"), file = level.get("api-key-file"), url = level.get("url");
    if (key.value.empty() && file.value.empty()) continue;
    const bool is_of_file = !level.origin.empty();
    if (is_of_file && !url.value.empty() && url.value != settings.url.value) continue;
    (key.value.empty() ? settings.api_key_file : settings.api_key) = key.value.empty() ? file : key;
    return;
  }
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

api::Outcome<Settings> find_settings(const GlobalOptions& options) {
  if (const auto checked = check_key_variables(options); !checked) return api::failed(checked.error());
  const auto user = load_config(user_config_path(), Guard::Owner);
  if (!user) return api::failed(user.error());
  const auto system = load_config(kSystemConfigPath, Guard::Group);
  if (!system) return api::failed(system.error());
  Settings out;
  out.profile = chosen_profile(options, *user, *system);
  const auto* of_user = user->find(out.profile.value);
  const auto* of_system = system->find(out.profile.value);
  if (of_user == nullptr && of_system == nullptr && !out.profile.origin.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST,
                       fmt::format("there is no profile {} ({})", out.profile.value, out.profile.origin),
                       "konekwa config profiles shows them");
  }
  std::vector<Level> levels{flags(options), variables()};
  if (of_user != nullptr) levels.push_back({user_config_path(), *of_user, {}});
  if (of_system != nullptr) levels.push_back({kSystemConfigPath, *of_system, {}});
  out.url = first_of(levels, "url");
  out.tenant = first_of(levels, "tenant");
  out.session = first_of(levels, "session");
  choose_key(levels, out);
  return out;
}

api::Outcome<api::ApiClient::Options> find_daemon(const Settings& settings) {
  Result<api::Url> url = api::parse_url(settings.url.value.empty() ? usual_socket() : settings.url.value);
  if (!url) return api::failed(api::Failure(url.error()));
  api::Outcome<std::string> key = settings.api_key.value;
  if (!settings.api_key_file.value.empty()) key = read_key(settings.api_key_file);
  if (!key) return api::failed(key.error());
  api::ApiClient::Options out;
  out.url = std::move(*url);
  out.api_key = std::move(*key);
  out.tenant = settings.tenant.value;
  return out;
}

api::Outcome<> write_private_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".part";
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return api::failed(ErrorCode::INVALID_REQUEST, "cannot write " + path);
  const ssize_t written = ::write(fd, content.data(), content.size());
  const bool is_whole = ::close(fd) == 0 && written == static_cast<ssize_t>(content.size());
  if (is_whole && std::rename(beside.c_str(), path.c_str()) == 0) return {};
  ::unlink(beside.c_str());
  return api::failed(ErrorCode::INVALID_REQUEST, "cannot write " + path);
}

}  // namespace konekwa::cli
