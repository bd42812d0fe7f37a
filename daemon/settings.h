// Every setting of konekwad once, in a table: flag, KONEKWA_ variable, key of the configuration file, and help.
// A flag beats its variable, a variable a credential, that the file, and the file the default.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "daemon/gateway.h"
#include "daemon/http/rate_limit.h"

namespace konekwa {

struct Settings {
  std::string config_file;
  std::string data_dir;
  std::string listen = "127.0.0.1:8080";
  std::string socket_path;
  std::string whatsapp_url;                   // "": WhatsApp itself, or the sandbox
  std::string whatsapp_root_key;              // hex; "": WhatsApp's
  std::string whatsapp_ca_file;
  std::string whatsapp_version;               // "": the newest that we know
  std::vector<std::string> allow_url_hosts;
  std::string webhook_retry_schedule;         // "": the default one
  int webhook_max_rate = 100;                 // a second, to a receiver that was down
  Duration event_retention = hours(24 * 7);   // also of the log of deliveries; zero: for ever
  Duration failed_webhook_retention = hours(24 * 30);   // of deliveries that were given up; zero: for ever
  bool sandbox = false;
  int restart_ramp = 200;
  Duration media_retention = hours(24 * 14);   // of the files of messages; zero: for ever
  GatewayOptions gateway;                     // but for the sandbox, which is found at start
  http::RateLimits rate_limits;
  std::string log_level = "info";
};

// What the command line asks for: to run, to print a text and be done, or to restore a backup and be done.
struct CommandLine {
  Settings settings;
  std::optional<std::string> print;           // --help, --version
  std::string restore;                        // --restore: a backup; "-": from stdin
  bool is_original_gone = false;              // --original-is-gone
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// `arguments` are without the program's name. INVALID_REQUEST names the flag, variable or key.
Result<CommandLine> read_command_line(const std::vector<std::string>& arguments, const Environment& environment);

// For completions, the manual and their tests.
struct SettingHelp {
  std::string flag, variable, key, value, help;   // value "": a switch
};
std::vector<SettingHelp> all_settings();

}  // namespace konekwa
