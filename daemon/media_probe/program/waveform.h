// The loudness of a sound over its length, as WhatsApp draws it beside a voice note: 64 values, the loudest is 100.
#pragma once

#include <cstdint>
#include <vector>

#include "common/bytes.h"

struct AVFrame;

namespace konekwa::media_probe {

class Waveform {
 public:
  // The first channel of decoded sound, in order. Sound beyond kSamplesMax and samples of unknown form are left out.
  void add(const AVFrame& sound);
  std::uint64_t samples() const { return samples_; }
  // Of each 64th the mean of |sample|, scaled. Empty when there are fewer samples than values.
  Bytes values() const;

  static constexpr std::uint64_t kSamplesMax = std::uint64_t{20 * 60} * 96'000;   // 20 minutes at 96 kHz

 private:
  void add_level(float level);
  std::vector<float> sums_;      // of kGrain samples each: the length is not known before the end
  std::uint64_t samples_ = 0;
};

}  // namespace konekwa::media_probe
