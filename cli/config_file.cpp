#include "cli/config_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/connect.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kConfigBytesMax = 64u << 10;
constexpr std::string_view kSpace = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// What a line says: a section, a key with its value, or neither.
struct Line {
  std::string_view section, key, value;
  bool is_empty = false;
};
std::optional<Line> read_line(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#' || line.front() == ';') return Line{{}, {}, {}, true};
  if (line.front() == '[') {
    const std::string_view name = trimmed(line.substr(1, line.size() - 2));
    if (line.back() != ']' || name.empty()) return std::nullopt;
    return Line{name, {}, {}, false};
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return Line{{}, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)), false};
}

bool is_config_key(std::string_view key) {
  return std::find(std::begin(kConfigKeys), std::end(kConfigKeys), key) != std::end(kConfigKeys);
}

api::Outcome<std::string> read_text(int fd, const std::string& path) {
  std::string text(kConfigBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t more = ::read(fd, text.data() + size, text.size() - size);
    if (more < 0) return api::failed(api::unreadable(path));
    if (more == 0) break;
    size += static_cast<std::size_t>(more);
  }
  text.resize(size);
  if (size <= kConfigBytesMax) return text;
  return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{} holds more than {} bytes", path, kConfigBytesMax));
}

bool holds_key(const ConfigFile& file) {
  return std::any_of(file.profiles.begin(), file.profiles.end(),
                     [](const auto& profile) { return profile.second.contains("api-key"); });
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

const ConfigFile::Values* ConfigFile::find(std::string_view name) const {
  const auto found =
      std::find_if(profiles.begin(), profiles.end(), [&](const auto& each) { return each.first == name; });
  return found == profiles.end() ? nullptr : &found->second;
}

api::Outcome<ConfigFile> parse_config(std::string_view text, const std::string& name) {
  ConfigFile out;
  int number = 0;
  const auto wrong = [&](std::string_view what) {
    return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{}, line {}: {}", name, number, what),
                       "konekwa config set KEY VALUE writes it; man konekwa shows its form");
  };
  for (const std::string& each : lines_of(text)) {
    ++number;
    const auto line = read_line(each);
    if (!line) return wrong("neither [profile] nor key = value");
    if (line->is_empty) continue;
    if (!line->section.empty()) {
      if (out.find(line->section) != nullptr) return wrong(fmt::format("a second [{}]", line->section));
      out.profiles.emplace_back(line->section, ConfigFile::Values());
    } else if (out.profiles.empty() && line->key == kProfileKey) {
      out.profile = line->value;
    } else if (out.profiles.empty()) {
      return wrong(fmt::format("'{}' stands in no [profile]", line->key));
    } else if (!is_config_key(line->key)) {
      return wrong(fmt::format("there is no setting '{}'", line->key));
    } else {
      out.profiles.back().second[std::string(line->key)] = line->value;
    }
  }
  return out;
}

std::string with_value(std::string_view text, std::string_view profile, std::string_view key, std::string_view value) {
  std::vector<std::string> lines = lines_of(text);
  const std::string setting = fmt::format("{} = {}", key, value);
  std::string section;                     // of the line that is looked at
  std::optional<std::size_t> at, behind;   // where the value stands, and where it would
  if (profile.empty()) behind = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = read_line(lines[i]);
    if (line && !line->section.empty()) section = line->section;
    if (section != profile || !line || line->is_empty) continue;
    behind = i + 1;
    if (line->key == key) at = i;
  }
  const auto place = [&](std::size_t i) { return lines.begin() + static_cast<std::ptrdiff_t>(i); };
  if (at && value.empty()) {
    lines.erase(place(*at));
  } else if (at) {
    lines[*at] = setting;
  } else if (!value.empty()) {
    if (!behind) {
      if (!lines.empty()) lines.emplace_back();
      lines.push_back(fmt::format("[{}]", profile));
      behind = lines.size();
    }
    lines.insert(place(*behind), setting);
  }
  return fmt::format("{}{}", fmt::join(lines, "\n"), lines.empty() ? "" : "\n");
}

api::Outcome<ConfigFile> load_config(const std::string& path, Guard guard) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    // The system's file may be for others than this user.
    const bool is_absent = errno == ENOENT || errno == ENOTDIR || guard == Guard::Group;
    if (is_absent) return ConfigFile();
    return api::failed(api::unreadable(path));
  }
  const auto text = read_text(file.fd, path);
  if (!text) return api::failed(text.error());
  auto config = parse_config(*text, path);
  if (!config || !holds_key(*config)) return config;
  struct stat about {};
  const mode_t others = guard == Guard::Owner ? 0077 : 0007;
  if (::fstat(file.fd, &about) == 0 && (about.st_mode & others) == 0) return config;
  return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("{} holds an API key and others may read it", path),
                     fmt::format("chmod {} {}", guard == Guard::Owner ? "600" : "640", path));
}

api::Outcome<> save_value(const std::string& path, std::string_view profile, std::string_view key,
                          std::string_view value) {
  std::string text;
  if (const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}; file.fd >= 0) {
    auto before = read_text(file.fd, path);
    if (!before) return api::failed(before.error());
    text = std::move(*before);
  }
  text = with_value(text, profile, key, value);
  std::error_code problem;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), problem);
  return write_private_file(path, text);
}

std::string user_config_path() {
  const std::string xdg = environment("XDG_CONFIG_HOME");
  return (xdg.empty() ? environment("HOME") + "/.config" : xdg) + "/konekwa/config";
}

}  // namespace konekwa::cli
