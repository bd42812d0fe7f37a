#include "daemon/service_notify.h"

#include <catch2/catch.hpp>

#include <cstdlib>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/temp_dir.h"

using namespace konekwa;

namespace {

// The service manager's end.
struct Manager {
  test::TempDir dir;
  const std::string path = dir.file("notify");
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);

  Manager() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Manager() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS"}) {
      ::unsetenv(name);
    }
    ::close(socket);
  }
  std::string next() const {
    char text[512];
    const ssize_t size = ::recv(socket, text, sizeof(text), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
  }
};

}  // namespace

TEST_CASE("the service manager hears of each step") {
  const Manager manager;
  service::extend_start(seconds(90), "opening");
  CHECK(manager.next() == "EXTEND_TIMEOUT_USEC=90000000\nSTATUS=opening");
  service::ready("all well");
  CHECK(manager.next() == "READY=1\nSTATUS=all well");
  service::alive();
  CHECK(manager.next() == "WATCHDOG=1");
  service::status("still well");
  CHECK(manager.next() == "STATUS=still well");
  service::stopping();
  CHECK(manager.next() == "STOPPING=1\nSTATUS=stopping");
}

TEST_CASE("it hears of us several times a watchdog, and seldom without one") {
  CHECK(service::report_interval() == std::nullopt);
  const Manager manager;
  CHECK(service::report_interval() == seconds(10));
  ::setenv("WATCHDOG_USEC", "9000000", 1);
  CHECK(service::report_interval() == seconds(3));
  ::setenv("WATCHDOG_USEC", "600000000", 1);
  CHECK(service::report_interval() == seconds(10));
  ::setenv("WATCHDOG_PID", "1", 1);   // of another process
  ::setenv("WATCHDOG_USEC", "9000000", 1);
  CHECK(service::report_interval() == seconds(10));
}

TEST_CASE("sockets are taken when they are meant for this process") {
  const Manager manager;
  CHECK(service::take_sockets()->empty());
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_PID", "1", 1);
  CHECK(service::take_sockets()->empty());
  ::setenv("LISTEN_FDS", "many", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  CHECK(service::take_sockets().error().code == ErrorCode::INVALID_REQUEST);
}
