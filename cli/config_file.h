// The configuration of konekwa: a file of profiles, one of which is used at a time.
//
//     # a comment
//     profile = toko              which one is used when nobody says; otherwise the one called "default"
//
//     [toko]
//     url = https://wa.example.com
//     api-key-file = /etc/konekwa/toko.key
//     session = ses_01
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/failure.h"

namespace konekwa::cli {

inline constexpr std::string_view kDefaultProfile = "default";
inline constexpr const char* kConfigKeys[] = {"url", "api-key", "api-key-file", "tenant", "session"};
inline constexpr std::string_view kProfileKey = "profile";   // stands above the first profile

struct ConfigFile {
  using Values = std::map<std::string, std::string, std::less<>>;
  std::string profile;                                   // "" when the file does not say
  std::vector<std::pair<std::string, Values>> profiles;  // in the order of the file

  const Values* find(std::string_view name) const;       // null when there is none
};

// INVALID_REQUEST names the line that is wrong. `name` is that of the file.
api::Outcome<ConfigFile> parse_config(std::string_view text, const std::string& name);

// The text with one value set, or without it when `value` is empty. Comments and order stay.
std::string with_value(std::string_view text, std::string_view profile, std::string_view key, std::string_view value);

enum class Guard {
  Owner,   // a file with a key may be read by its owner only
  Group,   // by its group too: the system's file
};
// A file that is not there is an empty one. INVALID_REQUEST also when others may read a key in it.
api::Outcome<ConfigFile> load_config(const std::string& path, Guard guard);

// Sets one value in the file, which becomes its owner's alone. Makes it, and its folders.
api::Outcome<> save_value(const std::string& path, std::string_view profile, std::string_view key,
                          std::string_view value);

std::string user_config_path();                          // $XDG_CONFIG_HOME/konekwa/config
inline constexpr const char* kSystemConfigPath = "/etc/konekwa/cli.conf";

}  // namespace konekwa::cli
