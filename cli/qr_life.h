// How long a QR code may stay on a screen, and how long an answer about it may take. Pure, but for the clock.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "cli/clock.h"
#include "common/json.h"

namespace konekwa::cli {

// The code that counts, as konekwad tells of it, and until when. A code that is over still scans and then fails.
class LiveCode {
 public:
  // `asked_at`, `asked`: when the request was made that brought it, by the wall clock and as time elapses.
  void take(const Json& answer, Time asked_at, Duration asked);
  void hide() { is_live_ = false; }            // nobody knows whether it still counts
  bool is_live() const { return is_live_; }
  const std::string& text() const { return text_; }

  // By its whole life since it was seen first, whatever the clocks of two machines; and by the wall clock, unless
  // konekwad was asked after that and said that it lives: then the clocks differ.
  Duration left(const Clock& clock) const;
  std::string countdown(const Clock& clock) const;

 private:
  std::string text_, more_;
  std::optional<Time> expires_;
  std::optional<Duration> life_;
  Time asked_at_{};
  Duration first_asked_{0};
  bool is_live_ = false;
};

// How long answers take: the longest of late, so that the one after a lost one may take longer.
class Delay {
 public:
  void add(Duration delay) { usual_ = std::max(delay, usual_ * 3 / 4); }
  Duration patience() const;   // an answer that takes longer is late

 private:
  Duration usual_{0};
};

}  // namespace konekwa::cli
