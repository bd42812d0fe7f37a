// The commands about the configuration of konekwa itself. They need no daemon.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/connect.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kValueBytesMax = 4096;
constexpr const char* kKeyValues = "url|api-key|api-key-file|tenant|session|profile";
constexpr std::size_t kKeyLettersShown = 8;   // the daemon too shows a key by its beginning

struct Options {
  std::string key, value;
};

std::string key_problem(const std::string& key) {
  const std::string words = fmt::format("|{}|", kKeyValues);
  return words.find("|" + key + "|") != std::string::npos ? "" : fmt::format("not one of {}: '{}'", kKeyValues, key);
}

std::vector<std::pair<const char*, const Setting*>> named(const Settings& settings) {
  return {{"profile", &settings.profile},           {"url", &settings.url},       {"api-key", &settings.api_key},
          {"api-key-file", &settings.api_key_file}, {"tenant", &settings.tenant}, {"session", &settings.session}};
}

std::string shown(std::string_view key, const std::string& value) {
  return key == "api-key" ? value.substr(0, kKeyLettersShown) + "..." : value;
}

api::Response local_response(const Json& body) {
  return {0, body.dump(-1, ' ', false, Json::error_handler_t::replace), body};
}

api::Outcome<> get(Context& context, const Options& options) {
  const auto settings = find_settings(context.options);
  if (!settings) return api::failed(settings.error());
  for (const auto& [key, setting] : named(*settings)) {
    if (options.key != key) continue;
    if (setting->value.empty()) return api::failed(ErrorCode::NOT_FOUND, fmt::format("{} is not set", key));
    const Json body{{"key", key}, {"value", setting->value}, {"origin", setting->origin}};
    context.output.answer(local_response(body), {setting->value}, setting->value + "\n");
  }
  return {};
}

// A key on the command line is for everybody to see, while the command runs and in the history of the shell.
api::Outcome<> set(Context& context, const Options& options) {
  if (options.key == "api-key" && options.value != "-" && !options.value.empty()) {
    return api::failed(ErrorCode::INVALID_REQUEST, "an API key on the command line is seen by others",
                       "konekwa config set api-key - reads it from stdin");
  }
  const std::string path = user_config_path();
  const auto file = load_config(path, Guard::Group);
  if (!file) return api::failed(file.error());
  const auto value = options.key == "api-key" ? secret_or_stdin(context, options.value, kValueBytesMax)
                                              : text_or_stdin(context, options.value, kValueBytesMax);
  if (!value) return api::failed(value.error());
  if (value->find_first_of("\r\n") != std::string::npos) {
    return api::failed(ErrorCode::INVALID_REQUEST, "a value is one line");
  }
  if (options.key == "url" && !value->empty()) {
    const auto url = api::parse_url(*value);
    if (!url) return api::failed(api::Failure(url.error()));
  }
  std::string profile = context.options.profile;
  if (profile.empty()) profile = environment("KONEKWA_PROFILE");
  if (profile.empty()) profile = file->profile.empty() ? std::string(kDefaultProfile) : file->profile;
  if (options.key == kProfileKey) profile.clear();
  const auto saved = save_value(path, profile, options.key, *value);
  if (saved) context.output.note(fmt::format("written to {}", path));
  return saved;
}

api::Outcome<> list(Context& context) {
  const auto settings = find_settings(context.options);
  if (!settings) return api::failed(settings.error());
  Json rows = Json::array();
  for (const auto& [key, setting] : named(*settings)) {
    if (setting->value.empty()) continue;
    rows.push_back({{"key", key}, {"value", shown(key, setting->value)}, {"origin", setting->origin}});
  }
  return answer_list(context, local_response({{"settings", std::move(rows)}}),
                     {{"KEY", "key"}, {"VALUE", "value"}, {"FROM", "origin"}});
}

api::Outcome<> path(Context& context) {
  const std::string name = user_config_path();
  context.output.answer(local_response({{"path", name}}), {name}, name + "\n");
  return {};
}

api::Outcome<> profiles(Context& context) {
  const auto user = load_config(user_config_path(), Guard::Owner);
  if (!user) return api::failed(user.error());
  const auto system = load_config(kSystemConfigPath, Guard::Group);
  if (!system) return api::failed(system.error());
  const auto settings = find_settings(context.options);
  Json rows = Json::array();
  const auto add = [&](const ConfigFile& file, const std::string& origin) {
    for (const auto& [name, values] : file.profiles) {
      const auto url = values.find("url");
      rows.push_back({{"id", name},
                      {"used", settings && settings->profile.value == name ? "*" : ""},
                      {"url", url == values.end() ? "" : url->second},
                      {"origin", origin}});
    }
  };
  add(*user, user_config_path());
  add(*system, kSystemConfigPath);
  return answer_list(context, local_response({{"profiles", std::move(rows)}}),
                     {{"USED", "used"}, {"PROFILE", "id"}, {"URL", "url"}, {"FROM", "origin"}});
}

Run declare_get(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("key", options->key, "What to print")->required()->type_name(kKeyValues)->check(key_problem);
  return [options](Context& context) { return get(context, *options); };
}

Run declare_set(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("key", options->key, "What to set")->required()->type_name(kKeyValues)->check(key_problem);
  app.add_option("value", options->value, "Its value; - to read it from stdin, '' for none")
      ->required()->type_name(kSettingValue);
  return [options](Context& context) { return set(context, *options); };
}

}  // namespace

Commands config_commands() {
  return {
      {"config", "get", "Print a setting, wherever it comes from", "konekwa config get url", declare_get, true},
      {"config", "set", "Keep a setting in a profile of the configuration",
       "konekwa config set url https://wa.example.com --profile toko", declare_set, true},
      {"config", "list", "Show what counts, and where it comes from", "konekwa config list",
       [](CLI::App&) -> Run { return list; }, true},
      {"config", "path", "Print the name of the configuration", "konekwa config path",
       [](CLI::App&) -> Run { return path; }, true},
      {"config", "profiles", "List the profiles", "konekwa config profiles",
       [](CLI::App&) -> Run { return profiles; }, true},
  };
}

}  // namespace konekwa::cli
