#include "daemon/settings.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <CLI/CLI.hpp>

#include "common/log.h"
#include "common/paths.h"
#include "daemon/credentials.h"
#include "daemon/wa/client_payload.h"
#include "daemon/wa/keys.h"

namespace konekwa {
namespace {

constexpr int kRestartRampMax = 1000;
constexpr int kRateMax = 1'000'000;
constexpr int kWebhookRateMax = 1000;
constexpr std::int64_t kOne = 1;
constexpr std::int64_t kQueueMax = 1'000'000'000;
constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 50;

// "" when it was taken; otherwise what is wrong with the value.
using Take = std::string (*)(Settings& settings, const std::string& text);

struct Setting {
  const char* name;       // "data-dir": --data-dir, KONEKWA_DATA_DIR, data-dir
  const char* value;      // how help calls the value; nullptr: a switch
  const char* help;
  Take take;
};

template <std::string Settings::*field>
std::string take_text(Settings& settings, const std::string& text) {
  settings.*field = text;
  return {};
}

template <std::string Settings::*field>
std::string take_path(Settings& settings, const std::string& text) {
  if (text.empty()) return "is empty";
  settings.*field = text;
  return {};
}

bool is_loopback_host(const std::string& authority) {
  std::string host = authority;
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  const bool is_number = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "::1" || (is_number && host.starts_with("127."));
}

// Without TLS nobody can tell who answers, and Noise is verified only after the first octets. A sandbox is near.
std::string take_whatsapp_url(Settings& settings, const std::string& text) {
  const bool is_plain = text.starts_with("ws://");
  if (!is_plain && !text.starts_with("wss://")) return "must begin with wss://, or with ws:// on loopback";
  const std::string rest = text.substr(text.find("//") + 2);
  const std::string authority = rest.substr(0, rest.find('/'));
  if (authority.empty()) return "names no host";
  if (is_plain && !is_loopback_host(authority)) return "must begin with wss://; ws:// is for loopback only";
  settings.whatsapp_url = text;
  return {};
}

std::string take_root_key(Settings& settings, const std::string& text) {
  const auto octets = from_hex(text);
  if (!octets || octets->size() != std::tuple_size_v<wa::Key>) return "must be 64 hex digits";
  settings.whatsapp_root_key = text;
  return {};
}

std::string take_version(Settings& settings, const std::string& text) {
  if (!wa::Version::parse(text)) return "must be three numbers such as 2.3000.1045649367";
  settings.whatsapp_version = text;
  return {};
}

std::string take_hosts(Settings& settings, const std::string& text) {
  settings.allow_url_hosts.clear();
  std::string rest = text;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string host = rest.substr(0, comma);
    rest.erase(0, comma + 1);
    std::erase(host, ' ');
    if (!host.empty()) settings.allow_url_hosts.push_back(std::move(host));
  }
  return {};
}

std::string take_switch(bool& field, const std::string& text) {
  if (text != "true" && text != "1" && text != "false" && text != "0") return "must be true or false";
  field = text == "true" || text == "1";
  return {};
}

template <class Number>
std::string take_number(Number& field, const std::string& text, Number min, Number max) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || value < min || value > max) return fmt::format("must be a number from {} to {}", min, max);
  field = value;
  return {};
}

// "100MiB", "20GiB", or octets. Nothing when it is none of these.
std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024 * 1024 * 1024}, {"", 1}};
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [unit, factor] : kUnits) {
    if (rest == unit && count <= kBytesMax / factor) return count * factor;
  }
  return std::nullopt;
}

std::string take_bytes(std::uint64_t& field, const std::string& text, std::uint64_t min) {
  const auto bytes = parse_bytes(text);
  if (!bytes || *bytes < min) return "must be a size such as 100MiB or 20GiB";
  field = *bytes;
  return {};
}

std::string take_retention(Duration& field, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return "must be a duration such as 14d, or 0 for ever";
  field = *duration;
  return {};
}

std::string take_public_qr(Settings& settings, const std::string& text) {
  using enum GatewayOptions::PublicQr;
  constexpr std::pair<std::string_view, GatewayOptions::PublicQr> kWords[] = {
      {"open", Open}, {"signed", Signed}, {"off", Off}};
  for (const auto& [word, value] : kWords) {
    if (word != text) continue;
    settings.gateway.public_qr = value;
    return {};
  }
  return "must be open, signed or off";
}

std::string take_country(Settings& settings, const std::string& text) {
  const bool is_code = !text.empty() && text.size() <= 3 && text.front() != '0' &&
                       text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_code) return "must be a country code such as 62";
  settings.gateway.default_country = text;
  return {};
}

std::string take_log_level(Settings& settings, const std::string& text) {
  constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error", "off"};
  if (std::find(std::begin(kLevels), std::end(kLevels), text) == std::end(kLevels)) {
    return "must be debug, info, warn, error or off";
  }
  settings.log_level = text;
  return {};
}

constexpr Setting kSettings[] = {
    {"data-dir", "DIR", "Where sessions, messages and keys are kept", take_path<&Settings::data_dir>},
    {"listen", "ADDR:PORT", "Where the API listens; port 0 takes any free one", take_text<&Settings::listen>},
    {"socket", "PATH", "The Unix socket of the API, for admins", take_path<&Settings::socket_path>},
    {"whatsapp-url", "WSURL", "Another WhatsApp network, such as a sandbox", take_whatsapp_url},
    {"whatsapp-root-key", "HEX", "The root key of that network", take_root_key},
    {"whatsapp-ca-file", "PEM", "Authorities for the TLS certificate of that network",
     take_path<&Settings::whatsapp_ca_file>},
    {"whatsapp-version", "V", "The WhatsApp Web version to begin with", take_version},
    {"allow-url-hosts", "HOST,...", "Hosts, addresses or CIDRs that URLs may lead to although they are not public",
     take_hosts},
    {"webhook-retry-schedule", "0s,5s,...", "Waits before each attempt of a webhook",
     take_text<&Settings::webhook_retry_schedule>},
    {"webhook-max-rate", "N", "Webhooks a second to a receiver that has been down, until it has caught up",
     [](Settings& s, const std::string& text) { return take_number(s.webhook_max_rate, text, 1, kWebhookRateMax); }},
    {"sandbox", nullptr, "Run a simulated WhatsApp network inside, and use it",
     [](Settings& s, const std::string& text) { return take_switch(s.sandbox, text); }},
    {"restart-ramp", "N", "Sessions connected a second after a start",
     [](Settings& s, const std::string& text) { return take_number(s.restart_ramp, text, 1, kRestartRampMax); }},
    {"public-qr", "MODE", "Who may see QR codes without a key: open, signed or off", take_public_qr},
    {"rate-limit", "N", "Requests a second of an API key, twice as many in a burst; 0: no limit",
     [](Settings& s, const std::string& text) { return take_number(s.rate_limits.per_key, text, 0, kRateMax); }},
    {"public-rate-limit", "N", "The same of an IP address without a key, or with a wrong one",
     [](Settings& s, const std::string& text) { return take_number(s.rate_limits.per_address, text, 0, kRateMax); }},
    {"default-country", "CODE", "The country of numbers with a leading 0", take_country},
    {"queue-max", "N", "Messages of a session that may wait",
     [](Settings& s, const std::string& text) { return take_number(s.gateway.queue_max, text, kOne, kQueueMax); }},
    {"queue-max-tenant", "N", "Messages of a tenant that may wait",
     [](Settings& s, const std::string& text) {
       return take_number(s.gateway.queue_max_tenant, text, kOne, kQueueMax);
     }},
    {"queue-when-offline", "BOOL", "Take messages for sessions that are not connected",
     [](Settings& s, const std::string& text) { return take_switch(s.gateway.queue_when_offline, text); }},
    {"allow-bulk-delete", "BOOL", "Let DELETE /v1/sessions delete every session of a tenant",
     [](Settings& s, const std::string& text) { return take_switch(s.gateway.allow_bulk_delete, text); }},
    {"media-bytes-max", "SIZE", "How large a file that a client uploads may be",
     [](Settings& s, const std::string& text) { return take_bytes(s.gateway.media_bytes_max, text, 1); }},
    {"media-quota", "SIZE", "How much room media may take; 0: as much as there is",
     [](Settings& s, const std::string& text) { return take_bytes(s.gateway.media_quota, text, 0); }},
    {"media-retention", "DURATION", "How long files of messages are kept; 0: for ever",
     [](Settings& s, const std::string& text) { return take_retention(s.media_retention, text); }},
    {"event-retention", "DURATION", "How long events and the log of webhooks are kept; 0: for ever",
     [](Settings& s, const std::string& text) { return take_retention(s.event_retention, text); }},
    {"failed-webhook-retention", "DURATION", "How long webhooks that were given up are kept; 0: for ever",
     [](Settings& s, const std::string& text) { return take_retention(s.failed_webhook_retention, text); }},
    {"log-level", "LEVEL", "debug, info, warn, error or off", take_log_level},
};

constexpr const char* kConfigHelp = "Configuration file: lines of 'key = value', the keys as the flags without --";

constexpr const char* kRestoreHelp =
    "Make the data directory, which must be empty, of a backup, and end; - reads it from stdin";
constexpr const char* kOriginalHelp =
    "With --restore: connect its sessions at once, because the daemon that the backup is of never runs again";

std::string variable_of(std::string_view name) {
  std::string out = "KONEKWA_";
  for (const char c : name) {
    out.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return out;
}

std::string default_of(const Setting& setting) {
  const std::string_view name = setting.name;
  const Settings defaults;
  if (name == "data-dir") return paths::default_data_dir();
  if (name == "socket") return paths::default_socket();
  if (name == "listen") return defaults.listen;
  if (name == "restart-ramp") return std::to_string(defaults.restart_ramp);
  if (name == "log-level") return defaults.log_level;
  if (name == "public-qr") return "open";
  if (name == "rate-limit") return std::to_string(defaults.rate_limits.per_key);
  if (name == "public-rate-limit") return std::to_string(defaults.rate_limits.per_address);
  if (name == "default-country") return defaults.gateway.default_country;
  if (name == "queue-max") return std::to_string(defaults.gateway.queue_max);
  if (name == "queue-max-tenant") return std::to_string(defaults.gateway.queue_max_tenant);
  if (name == "queue-when-offline") return "true";
  if (name == "allow-bulk-delete") return "true";
  if (name == "media-bytes-max") return "100MiB";
  if (name == "media-quota") return "0";
  if (name == "media-retention") return "14d";
  if (name == "event-retention") return "7d";
  if (name == "failed-webhook-retention") return "30d";
  if (name == "webhook-max-rate") return std::to_string(defaults.webhook_max_rate);
  return {};
}

bool is_setting(const std::string& name) {
  const auto is_it = [&](const Setting& setting) { return setting.name == name; };
  return std::any_of(std::begin(kSettings), std::end(kSettings), is_it);
}

// CLI11 lets the configuration file beat the environment. As leading arguments, credentials and variables are beaten
// by the flags, which come later, and beat the file, which counts only for options that are not there.
Result<std::vector<std::string>> with_environment(const std::vector<std::string>& arguments,
                                                  const Environment& environment) {
  std::vector<std::string> out;
  auto credentials = read_credentials(environment("CREDENTIALS_DIRECTORY").value_or(""));
  if (!credentials) return fail(credentials.error());
  for (const auto& [name, value] : *credentials) {
    if (!is_setting(name)) return fail(Error(ErrorCode::INVALID_REQUEST, "no setting is called " + name,
                                             "the credential of that name"));
    out.push_back("--" + name + "=" + value);
  }
  const auto add = [&](const std::string& name) {
    if (const auto value = environment(variable_of(name))) out.push_back("--" + name + "=" + *value);
  };
  for (const Setting& setting : kSettings) add(setting.name);
  add("config");
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

// A text for each setting that was given anywhere.
using Values = std::map<std::string, std::string>;

void declare(CLI::App& app, Values& values, std::string& config_file, CommandLine& out) {
  app.set_version_flag("--version", std::string("konekwad ") + KONEKWA_VERSION);
  app.set_config("--config", config_file, kConfigHelp)->take_last()->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--restore", out.restore, kRestoreHelp)->type_name("FILE")->configurable(false);
  app.add_flag("--original-is-gone", out.is_original_gone, kOriginalHelp)->configurable(false);
  for (const Setting& setting : kSettings) {
    const std::string flag = std::string("--") + setting.name;
    const std::string variable = " [" + variable_of(setting.name) + "]";
    if (setting.value == nullptr) {
      app.add_flag(flag + "{true}", values[setting.name], setting.help + variable)->take_last();
      continue;
    }
    CLI::Option* option = app.add_option(flag, values[setting.name], setting.help + variable);
    option->take_last()->type_name(setting.value)->default_str(default_of(setting));
  }
}

Result<Settings> take_all(const CLI::App& app, const Values& values) {
  Settings settings;
  settings.data_dir = paths::default_data_dir();
  settings.socket_path = paths::default_socket();
  for (const Setting& setting : kSettings) {
    const std::string flag = std::string("--") + setting.name;
    if (app.count(flag) == 0) continue;
    const std::string& text = values.at(setting.name);
    const std::string problem = setting.take(settings, text);
    if (problem.empty()) continue;
    return fail(Error(ErrorCode::INVALID_REQUEST, fmt::format("{} (or {}, or {} in the configuration file) {}", flag,
                                                              variable_of(setting.name), setting.name, problem),
                      "it is '" + text + "'"));
  }
  return settings;
}

}  // namespace

Result<CommandLine> read_command_line(const std::vector<std::string>& arguments, const Environment& environment) {
  CLI::App app("The Konekwa daemon: a WhatsApp gateway with a REST API.", "konekwad");
  Values values;
  std::string config_file = paths::default_config_file();
  CommandLine out;
  declare(app, values, config_file, out);
  auto all = with_environment(arguments, environment);
  if (!all) return fail(all.error());
  std::reverse(all->begin(), all->end());   // CLI11 takes them from the back
  try {
    app.parse(std::move(*all));
  } catch (const CLI::CallForHelp&) {
    return CommandLine{{}, app.help(), {}};
  } catch (const CLI::CallForVersion& version) {
    return CommandLine{{}, version.what() + std::string("\n"), {}};
  } catch (const CLI::Error& e) {
    return fail(Error(ErrorCode::INVALID_REQUEST, e.what(), ""));
  }
  if (out.is_original_gone && out.restore.empty()) {
    return fail(Error(ErrorCode::INVALID_REQUEST, "--original-is-gone needs --restore", ""));
  }
  auto settings = take_all(app, values);
  if (!settings) return fail(settings.error());
  if (app.count("--config") > 0) settings->config_file = app["--config"]->as<std::string>();
  out.settings = std::move(*settings);
  return out;
}

std::vector<SettingHelp> all_settings() {
  std::vector<SettingHelp> out;
  for (const Setting& setting : kSettings) {
    out.push_back({std::string("--") + setting.name, variable_of(setting.name), setting.name,
                   setting.value == nullptr ? "" : setting.value, setting.help});
  }
  out.push_back({"--config", variable_of("config"), "", "FILE", kConfigHelp});
  return out;
}

}  // namespace konekwa
