#include "daemon/sandbox/server.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/sandbox/listener.h"
#include "daemon/sandbox/sandbox.h"

namespace konekwa::sandbox {
namespace {

std::string host_of(const std::string& address, std::uint16_t port) {
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

// Where the certificate goes when there is no state directory: a directory of this process.
std::string temporary_directory() {
  SystemRandom random;
  return std::filesystem::temp_directory_path() / ("konekwa-sandbox-" + to_hex(random.bytes(8)));
}

}  // namespace

class SandboxServer::Impl {
 public:
  explicit Impl(ServerOptions o) : options(std::move(o)) {}

  ~Impl() {
    if (!thread.joinable()) return;
    loop.post([this] {
      listener.reset();
      sandbox.reset();
      loop.stop();
    });
    thread.join();
    std::error_code ignored;
    if (!scratch.empty()) std::filesystem::remove_all(scratch, ignored);
  }

  Result<> start() {
    std::promise<Result<>> started;
    thread = std::thread([this] { loop.run(); });
    loop.post([&] { started.set_value(set_up()); });
    return started.get_future().get();
  }

  Result<> set_up() {
    std::error_code ignored;
    if (!options.state_dir.empty()) std::filesystem::create_directories(options.state_dir, ignored);
    std::optional<TlsIdentity> tls;
    if (options.tls) {
      if (options.state_dir.empty()) scratch = temporary_directory();
      auto identity = tls_identity_in(options.state_dir.empty() ? scratch : options.state_dir);
      if (!identity) return fail(identity.error());
      tls = *identity;
      ca_file = std::filesystem::absolute(identity->certificate_file);
    }
    auto bound = Listener::bind(loop, options.address, wanted_port(), tls);
    if (!bound) return fail(bound.error());
    listener = std::move(*bound);
    port = listener->port();
    keep_port();
    Options sandbox_options;
    sandbox_options.state_dir = options.state_dir;
    sandbox_options.media_host = host_of(options.address, port);
    sandbox_options.media_base = url("http");
    sandbox = std::make_unique<Sandbox>(loop, random, sandbox_options);
    root_key = sandbox->root_key();
    listener->serve(*sandbox);
    return {};
  }

  std::string port_file() const { return options.state_dir + "/port"; }

  // A client that was linked here comes back to the port that it knows.
  std::uint16_t wanted_port() const {
    std::uint16_t kept = 0;
    if (options.port != 0 || options.state_dir.empty()) return options.port;
    std::ifstream(port_file()) >> kept;
    return kept;
  }

  void keep_port() const {
    if (options.port != 0 || options.state_dir.empty()) return;
    std::ofstream(port_file()) << port << '\n';
  }

  std::string url(const char* scheme) const {
    return fmt::format("{}{}://{}", scheme, options.tls ? "s" : "", host_of(options.address, port));
  }

  const ServerOptions options;
  SystemRandom random;
  wa::io::AsioLoop loop;
  std::unique_ptr<Listener> listener;    // these two on the loop's thread
  std::unique_ptr<Sandbox> sandbox;
  std::thread thread;
  std::uint16_t port = 0;                // constant after start()
  wa::Key root_key{};
  std::string ca_file, scratch;
};

Result<std::unique_ptr<SandboxServer>> SandboxServer::start(ServerOptions options) {
  std::unique_ptr<SandboxServer> server(new SandboxServer);
  server->impl_ = std::make_unique<Impl>(std::move(options));
  const auto started = server->impl_->start();
  if (!started) return fail(started.error());
  return server;
}

SandboxServer::~SandboxServer() = default;

wa::Endpoint SandboxServer::endpoint() const {
  return {impl_->url("ws") + "/ws/chat", impl_->root_key, impl_->ca_file};
}

std::string SandboxServer::admin_url() const { return impl_->url("http") + "/admin"; }

std::string SandboxServer::ready_line() const {
  Json line = {{"url", endpoint().url}, {"root_key", to_hex(impl_->root_key)}, {"admin", admin_url()}};
  if (!impl_->ca_file.empty()) line["ca_file"] = impl_->ca_file;
  return line.dump();
}

}  // namespace konekwa::sandbox
