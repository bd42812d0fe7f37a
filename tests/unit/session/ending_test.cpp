#include "daemon/session/ending.h"

using namespace konekwa;
using session::Ending;
using store::SessionStatus;

namespace {

Ending failure(const char* reason) { return session::ending_of_failure(wa::Node("failure", {{"reason", reason}})); }

wa::Node stream_error(const char* code) { return wa::Node("stream:error", {{"code", code}}); }

}  // namespace

TEST_CASE("a refused login stops a session whose device was removed, and says why") {
  const Ending ending = failure("401");
  CHECK(ending.next == Ending::Next::Stop);
  CHECK(ending.status == SessionStatus::LOGGED_OUT);
  CHECK(ending.reason == "DEVICE_REMOVED");
  CHECK(ending.wa_code == 401);
}

TEST_CASE("each refusal of a login leads where it must") {
  struct Case {
    const char* code;
    Ending::Next next;
    SessionStatus status;
  };
  const Case cases[] = {
      {"403", Ending::Next::Stop, SessionStatus::LOGGED_OUT},
      {"405", Ending::Next::RefreshVersion, SessionStatus::DISCONNECTED},
      {"406", Ending::Next::Stop, SessionStatus::BANNED},
      {"409", Ending::Next::Stop, SessionStatus::FAILED},
      {"500", Ending::Next::Reconnect, SessionStatus::DISCONNECTED},
      {"503", Ending::Next::Reconnect, SessionStatus::DISCONNECTED},
      {"777", Ending::Next::Reconnect, SessionStatus::DISCONNECTED},
  };
  for (const Case& c : cases) {
    INFO(c.code);
    CHECK(failure(c.code).next == c.next);
    CHECK(failure(c.code).status == c.status);
  }
}

TEST_CASE("a temporary ban is waited out") {
  const Ending ending = session::ending_of_failure(wa::Node("failure", {{"reason", "402"}, {"expire", "3600"}}));
  CHECK(ending.next == Ending::Next::Wait);
  CHECK(ending.status == SessionStatus::BANNED);
  CHECK(ending.wait == Duration(hours(1)));
  CHECK(ending.banned_for == Duration(hours(1)));
  const wa::Node endless("failure", {{"reason", "402"}, {"expire", "9000000000000000000"}});
  CHECK(session::ending_of_failure(endless).banned_for < Duration(hours(24 * 366 * 11)));
  CHECK_FALSE(session::ending_of_failure(wa::Node("failure", {{"reason", "402"}})).banned_for);
}

TEST_CASE("a stream that restarts after pairing is no disconnection") {
  const Ending ending = session::ending_of_stream_error(stream_error("515"));
  CHECK(ending.next == Ending::Next::ReconnectNow);
}

TEST_CASE("a conflict tells a replaced connection from a removed device") {
  wa::Node replaced("stream:error");
  replaced.add(wa::Node("conflict", {{"type", "replaced"}}));
  CHECK(session::ending_of_stream_error(replaced).reason == "STREAM_REPLACED");
  CHECK(session::ending_of_stream_error(replaced).next == Ending::Next::Stop);

  wa::Node removed = stream_error("401");
  removed.add(wa::Node("conflict", {{"type", "device_removed"}}));
  CHECK(session::ending_of_stream_error(removed).status == SessionStatus::LOGGED_OUT);
}

TEST_CASE("a bare 401 of a stream does not log a session out") {
  CHECK(session::ending_of_stream_error(stream_error("401")).next == Ending::Next::Reconnect);
}

TEST_CASE("a server that asks for patience gets more than the usual wait") {
  CHECK(session::ending_of_stream_error(stream_error("429")).backoff_steps > 0);
}

TEST_CASE("a proxy that fails is told as such, and tried again") {
  const Ending ending = session::ending_of_error(Error(ErrorCode::PROXY_ERROR, "10.0.0.5:1080: it failed"));
  CHECK(ending.next == Ending::Next::Reconnect);
  CHECK(ending.status == SessionStatus::DISCONNECTED);
  CHECK(ending.reason == "PROXY_ERROR");
}
