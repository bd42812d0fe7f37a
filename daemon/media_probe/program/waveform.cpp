#include "daemon/media_probe/program/waveform.h"

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/samplefmt.h>
}

#include <cmath>

#include "daemon/media_probe/limits.h"

namespace konekwa::media_probe {
namespace {

constexpr std::uint64_t kGrain = 32;

// Calls with |sample| of the first channel, of samples that are `stride` apart.
template <class Sample, class Each>
void for_each_level(const AVFrame& sound, std::size_t stride, float zero, float scale, Each each) {
  const auto* samples = reinterpret_cast<const Sample*>(sound.data[0]);
  for (int i = 0; i < sound.nb_samples; ++i) {
    const float level = std::abs(static_cast<float>(samples[static_cast<std::size_t>(i) * stride]) - zero) * scale;
    each(std::isfinite(level) ? std::min(level, 1.0F) : 0.0F);
  }
}

}  // namespace

void Waveform::add_level(float level) {
  if (samples_ >= kSamplesMax) return;
  if (samples_ % kGrain == 0) sums_.push_back(0);
  sums_.back() += level;
  ++samples_;
}

void Waveform::add(const AVFrame& sound) {
  const auto format = static_cast<AVSampleFormat>(sound.format);
  if (sound.data[0] == nullptr || sound.ch_layout.nb_channels < 1) return;
  const std::size_t stride =
      ::av_sample_fmt_is_planar(format) != 0 ? 1 : static_cast<std::size_t>(sound.ch_layout.nb_channels);
  const auto each = [this](float level) { add_level(level); };
  switch (::av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8: return for_each_level<std::uint8_t>(sound, stride, 128, 1.0F / 128, each);
    case AV_SAMPLE_FMT_S16: return for_each_level<std::int16_t>(sound, stride, 0, 0x1p-15F, each);
    case AV_SAMPLE_FMT_S32: return for_each_level<std::int32_t>(sound, stride, 0, 0x1p-31F, each);
    case AV_SAMPLE_FMT_FLT: return for_each_level<float>(sound, stride, 0, 1, each);
    case AV_SAMPLE_FMT_DBL: return for_each_level<double>(sound, stride, 0, 1, each);
    default: return;
  }
}

Bytes Waveform::values() const {
  if (sums_.size() < kWaveformValues) return {};
  std::array<double, kWaveformValues> means{};
  double loudest = 0;
  for (std::size_t i = 0; i < kWaveformValues; ++i) {
    const std::size_t begin = i * sums_.size() / kWaveformValues, end = (i + 1) * sums_.size() / kWaveformValues;
    for (std::size_t grain = begin; grain < end; ++grain) means[i] += sums_[grain];
    means[i] /= static_cast<double>(end - begin);
    loudest = std::max(loudest, means[i]);
  }
  Bytes out(kWaveformValues, 0);
  if (loudest <= 0) return out;
  std::transform(means.begin(), means.end(), out.begin(), [&](double mean) {
    return static_cast<std::uint8_t>(std::lround(mean / loudest * kWaveformValueMax));
  });
  return out;
}

}  // namespace konekwa::media_probe
