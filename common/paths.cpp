#include "common/paths.h"

#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace konekwa::paths {
namespace {

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string home(const char* xdg_variable, const char* below_home) {
  const std::string xdg = env(xdg_variable);
  return xdg.empty() ? env("HOME") + below_home : xdg;
}

bool is_system() { return ::geteuid() == 0 || !env("STATE_DIRECTORY").empty(); }

constexpr std::string_view kSystemSocket = "/run/konekwa/konekwad.sock";

}  // namespace

std::string default_data_dir() {
  const std::string given_by_systemd = env("STATE_DIRECTORY");
  if (!given_by_systemd.empty()) return given_by_systemd;
  return is_system() ? "/var/lib/konekwa" : home("XDG_DATA_HOME", "/.local/share") + "/konekwa";
}

std::string default_socket() {
  if (is_system()) return std::string(kSystemSocket);
  const std::string runtime = env("XDG_RUNTIME_DIR");
  return runtime.empty() ? default_data_dir() + "/konekwad.sock" : runtime + "/konekwa/konekwad.sock";
}

std::vector<std::string> socket_candidates() {
  std::vector<std::string> out;
  const std::string runtime = env("XDG_RUNTIME_DIR");
  if (!runtime.empty()) out.push_back(runtime + "/konekwa/konekwad.sock");
  out.emplace_back(kSystemSocket);
  if (!is_system() && runtime.empty()) out.push_back(default_data_dir() + "/konekwad.sock");
  return out;
}

std::string default_config_file() {
  return is_system() ? "/etc/konekwa/konekwad.conf" : home("XDG_CONFIG_HOME", "/.config") + "/konekwa/konekwad.conf";
}

}  // namespace konekwa::paths
