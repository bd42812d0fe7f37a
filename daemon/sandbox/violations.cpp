#include "daemon/sandbox/violations.h"

#include "common/log.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kViolationsMax = 1000;

}  // namespace

std::string to_string(const Violation& violation) {
  return fmt::format("{}: {}: {}", violation.kind, violation.who, violation.text);
}

void Violations::add(Time at, std::string kind, std::string who, std::string text) {
  all_.push_back({at, std::move(kind), std::move(who), std::move(text)});
  log::warn("sandbox", "violation: {}", to_string(all_.back()));
  if (all_.size() > kViolationsMax) all_.pop_front();
}

}  // namespace konekwa::sandbox
