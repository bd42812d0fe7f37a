// Time and waiting for commands that follow something. Tests pass one that jumps.
#pragma once

#include "common/time.h"

namespace konekwa::cli {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;               // the wall clock, for a countdown to a point in time
  virtual Duration elapsed() const = 0;       // never jumps; for time-outs
  virtual bool pause(Duration duration) = 0;  // false when the user has pressed Ctrl-C
  virtual void break_on_interrupt(int socket) = 0;  // Ctrl-C also ends whatever waits for this one; -1: for none
};

// From its first pause or socket on, the first Ctrl-C ends a wait instead of the program, so that the screen can be put
// in order; the second one ends the program.
class SystemClock final : public Clock {
 public:
  Time now() const override;
  Duration elapsed() const override;
  bool pause(Duration duration) override;
  void break_on_interrupt(int socket) override;
};

}  // namespace konekwa::cli
