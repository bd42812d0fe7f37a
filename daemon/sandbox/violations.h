// Breaches of the protocol that clients commit and that a real server or peer would punish, or worse, would not:
// each is kept and logged. A test run with a correct client ends with none.
#pragma once

#include <deque>
#include <string>

#include "common/time.h"

namespace konekwa::sandbox {

struct Violation {
  Time at{};
  std::string kind;  // "fan-out", "signed-prekey", "device-identity", ... ; the list is in admin.md
  std::string who;   // the device that did it, as a jid
  std::string text;
};
std::string to_string(const Violation& violation);

class Violations {
 public:
  void add(Time at, std::string kind, std::string who, std::string text);
  const std::deque<Violation>& all() const { return all_; }
  void clear() { all_.clear(); }

 private:
  std::deque<Violation> all_;  // at most kViolationsMax, the newest
};

}  // namespace konekwa::sandbox
