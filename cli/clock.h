// Time and waiting for commands that follow something. Tests pass one that jumps.
#pragma once

#include <functional>
#include <thread>

#include "common/time.h"

namespace konekwa::cli {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;               // the wall clock, for a countdown to a point in time
  virtual Duration elapsed() const = 0;       // never jumps; for time-outs
  virtual bool pause(Duration duration) = 0;  // false when the user has pressed Ctrl-C
  // As pause(), which also ends when there is something to read from the descriptor.
  virtual bool await(int descriptor, Duration duration_max) = 0;
  // What puts the screen in order before a pause is suspended by Ctrl-Z; it ends when the program goes on, so that the
  // screen can be drawn again. `at_the_end` does it when a signal ends the program at once, from the signal's handler:
  // it may call what is safe there (POSIX 2.4.3). Nothing, as in the beginning: signals are the terminal's business.
  virtual void before_suspension(std::function<void()> tidy, void (*at_the_end)()) = 0;
  // Ctrl-C also ends whatever waits for this socket, of ApiClient::Options::on_socket. False when it came already. On
  // another thread nothing: whoever has begun that one ends it.
  virtual bool break_on_interrupt(int socket) = 0;
};

// From its first pause on, and while there is a socket, the first Ctrl-C ends a wait instead of the program, so that
// the screen can be put in order and the user be told what became of a request; the second one ends the program. So do
// SIGTERM and SIGHUP; Ctrl-\ ends it at once. One a program, made by its main thread.
class SystemClock final : public Clock {
 public:
  Time now() const override;
  Duration elapsed() const override;
  bool pause(Duration duration) override;
  bool await(int descriptor, Duration duration_max) override;
  void before_suspension(std::function<void()> tidy, void (*at_the_end)()) override;
  bool break_on_interrupt(int socket) override;

  // The last thing a program does: ends it by the signal that it was asked to end with, but for Ctrl-C.
  static void end_as_asked();

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
  std::function<void()> tidy_;
};

}  // namespace konekwa::cli
