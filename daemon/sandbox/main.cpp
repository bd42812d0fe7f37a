// The program konekwa-sandbox: a simulated WhatsApp network for any client, on loopback unless told otherwise.
#include <signal.h>

#include <charconv>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "common/log.h"
#include "common/standard_descriptors.h"
#include "daemon/sandbox/server.h"

namespace {

using konekwa::sandbox::SandboxServer;
using konekwa::sandbox::ServerOptions;

// "ADDR:PORT", "[ADDR]:PORT" or "PORT".
bool set_listen(ServerOptions& options, std::string text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    options.address = text.substr(0, colon);
    text.erase(0, colon + 1);
    if (options.address.starts_with('[') && options.address.ends_with(']')) {
      options.address = options.address.substr(1, options.address.size() - 2);
    }
  }
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), options.port);
  return failed == std::errc() && end == text.data() + text.size();
}

int wait_for_signal(const sigset_t& signals) {
  int received = 0;
  sigwait(&signals, &received);
  return received;
}

}  // namespace

int main(int argc, char** argv) {
  konekwa::occupy_standard_descriptors();
  CLI::App app("A simulated WhatsApp network: links clients, carries their messages, checks what they send.");
  app.set_version_flag("--version", KONEKWA_VERSION);
  ServerOptions options;
  std::string listen = "127.0.0.1:8090";
  std::string log_level = "info";
  app.add_option("--listen", listen, "address and port; port 0: any free one, the same after a restart")
      ->capture_default_str();
  app.add_flag("--tls", options.tls, "wss and https, with a certificate of its own making");
  app.add_option("--state-dir", options.state_dir, "where accounts and keys are kept; without it they are forgotten");
  app.add_option("--log-level", log_level, "debug, info, warn, error, off")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!konekwa::log::set_level(log_level)) {
    std::fprintf(stderr, "konekwa-sandbox: --log-level: there is no level '%s'\n", log_level.c_str());
    return 2;
  }
  if (!set_listen(options, listen)) {
    std::fprintf(stderr, "konekwa-sandbox: --listen: '%s' is not ADDRESS:PORT\n", listen.c_str());
    return 2;
  }

  // Blocked before any thread starts, so that the signals come to sigwait alone.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto server = SandboxServer::start(options);
  if (!server) {
    std::fprintf(stderr, "konekwa-sandbox: %s\n", server.error().text().c_str());
    return 1;
  }
  std::printf("%s\n", (*server)->ready_line().c_str());
  std::fflush(stdout);
  wait_for_signal(signals);
  return 0;
}
