#include "cli/qr_life.h"

#include <fmt/format.h>

#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr Duration kPatienceMin = seconds(3), kPatienceMax = seconds(20);
constexpr int kPatienceFactor = 3;           // times the usual delay
constexpr Duration kLifeUnknown = hours(24);   // longer than any code lives

}  // namespace

void LiveCode::take(const Json& answer, Time asked_at, Duration asked) {
  if (field(answer, "qr") != text_) first_asked_ = asked;
  text_ = field(answer, "qr");
  more_ = field(answer, "remaining_codes");
  expires_ = from_rfc3339(field(answer, "expires_at"));
  const auto issued = from_rfc3339(field(answer, "issued_at"));
  const bool has_life = expires_ && issued && *expires_ > *issued;
  life_ = has_life ? std::optional<Duration>(*expires_ - *issued) : std::nullopt;
  asked_at_ = asked_at;
  is_live_ = true;
}

Duration LiveCode::left(const Clock& clock) const {
  Duration left = kLifeUnknown;
  if (life_) left = std::min(left, first_asked_ + *life_ - clock.elapsed());
  if (expires_ && asked_at_ < *expires_) left = std::min(left, *expires_ - clock.now());
  return left;
}

std::string LiveCode::countdown(const Clock& clock) const {
  Duration left = this->left(clock);
  if (left >= kLifeUnknown) return "waiting for the scan";
  if (life_) left = std::min(left, *life_);
  const auto whole_seconds = std::chrono::ceil<seconds>(std::max(left, Duration(0))).count();
  if (more_.empty() || more_ == "0") return fmt::format("this code lives {} s", whole_seconds);
  return fmt::format("this code lives {} s, {} more will come", whole_seconds, more_);
}

Duration Delay::patience() const { return std::clamp(usual_ * kPatienceFactor, kPatienceMin, kPatienceMax); }

}  // namespace konekwa::cli
