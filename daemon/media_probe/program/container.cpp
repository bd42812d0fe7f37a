#include "daemon/media_probe/program/container.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
}

#include <cmath>
#include <ctime>

#include "daemon/media_probe/limits.h"
#include "daemon/media_probe/program/decoder.h"
#include "daemon/media_probe/program/thumbnail.h"
#include "daemon/media_probe/program/waveform.h"

namespace konekwa::media_probe {
namespace {

constexpr int kInputBufferOctets = 32 * 1024;
constexpr std::int64_t kProbeOctets = std::int64_t{5} << 20;
constexpr std::int64_t kAnalyzeMicroseconds = 5'000'000;
constexpr int kStreamsMax = 32;
constexpr int kPicturePacketsMax = 300;       // that a decoder may want before its first picture
constexpr int kSoundPacketsMax = 5'000;       // in a row that give no sound
constexpr std::clock_t kSoundCpuSeconds = 5;

int read_octets(void* opaque, std::uint8_t* into, int size) {
  const long count = static_cast<const MediaFile*>(opaque)->read(into, static_cast<std::size_t>(size));
  if (count == 0) return AVERROR_EOF;
  return count < 0 ? AVERROR(EIO) : static_cast<int>(count);
}

std::int64_t seek_octets(void* opaque, std::int64_t offset, int whence) {
  const auto* file = static_cast<const MediaFile*>(opaque);
  if (whence == AVSEEK_SIZE) return static_cast<std::int64_t>(file->size());
  const auto position = file->seek(offset, whence & ~AVSEEK_FORCE);
  return position < 0 ? AVERROR(EIO) : position;
}

int refuse_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

AvPtr<AVIOContext> make_input(MediaFile& file) {
  auto* buffer = static_cast<unsigned char*>(::av_malloc(kInputBufferOctets));
  if (buffer == nullptr) return nullptr;
  AvPtr<AVIOContext> input(
      ::avio_alloc_context(buffer, kInputBufferOctets, 0, &file, read_octets, nullptr, seek_octets));
  if (!input) ::av_free(buffer);
  return input;
}

AvPtr<AVFormatContext> open_format(AVIOContext& input, const std::string& name) {
  AVFormatContext* format = ::avformat_alloc_context();
  if (format == nullptr) return nullptr;
  format->pb = &input;
  format->io_open = refuse_open;
  format->protocol_whitelist = ::av_strdup("none");   // no file names another that is opened
  format->codec_whitelist = ::av_strdup(kKnownCodecs);
  format->probesize = kProbeOctets;
  format->max_analyze_duration = kAnalyzeMicroseconds;
  format->max_streams = kStreamsMax;
  // Frees what it was given when it fails.
  if (::avformat_open_input(&format, "", ::av_find_input_format(name.c_str()), nullptr) < 0) return nullptr;
  return AvPtr<AVFormatContext>(format);
}

// Looks into the streams as far as their decoders must for that, on one thread and within the limit of pixels.
void find_stream_info(AVFormatContext& format) {
  std::vector<AVDictionary*> options(format.nb_streams, nullptr);
  for (auto& option : options) {
    ::av_dict_set_int(&option, "max_pixels", kPixelsMax, 0);
    ::av_dict_set(&option, "threads", "1", 0);
  }
  ::avformat_find_stream_info(&format, options.empty() ? nullptr : options.data());
  for (auto& option : options) ::av_dict_free(&option);
}

// The first stream of this kind; a cover picture is no film. The others are not read from here on.
AVStream* choose_stream(AVFormatContext& format, AVMediaType type) {
  AVStream* chosen = nullptr;
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    AVStream* stream = format.streams[i];
    const bool is_fitting =
        stream->codecpar->codec_type == type && (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
    if (chosen == nullptr && is_fitting) chosen = stream;
  }
  return chosen;
}

std::uint32_t whole_seconds(double length) {
  if (!(length > 0)) return 0;
  return static_cast<std::uint32_t>(std::clamp(std::round(length), 1.0, double{kSecondsMax}));
}

std::uint32_t length_of(const AVFormatContext& format) {
  return format.duration == AV_NOPTS_VALUE ? 0 : whole_seconds(static_cast<double>(format.duration) / AV_TIME_BASE);
}

Orientation orientation_of(const AVStream& stream) {
  std::size_t size = 0;
  const auto* matrix = ::av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (matrix == nullptr || size < 9 * sizeof(std::int32_t)) return 1;
  const double clockwise = -::av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  if (!std::isfinite(clockwise)) return 1;
  constexpr Orientation kQuarters[] = {1, 6, 3, 8};
  return kQuarters[(std::lround(clockwise / 90) + 4) % 4];
}

// Reads the packets of one stream through its decoder.
class StreamReader {
 public:
  StreamReader(AVFormatContext& format, const AVStream& stream)
      : format_(format), index_(stream.index), codec_(open_decoder(*stream.codecpar)), packet_(::av_packet_alloc()),
        frame_(::av_frame_alloc()) {
    for (unsigned i = 0; i < format.nb_streams; ++i) {
      if (format.streams[i] != &stream) format.streams[i]->discard = AVDISCARD_ALL;
    }
  }

  // Null at the end, and when that many packets gave nothing. What cannot be decoded is passed over.
  const AVFrame* next(int packets_max) {
    if (!codec_ || !packet_ || !frame_) return nullptr;
    while (true) {
      const int received = ::avcodec_receive_frame(codec_.get(), frame_.get());
      if (received >= 0) return frame_.get();
      if (received == AVERROR_EOF || is_drained_ || packets_max-- <= 0) return nullptr;
      is_drained_ = !read_packet();
      ::avcodec_send_packet(codec_.get(), is_drained_ ? nullptr : packet_.get());
    }
  }

  // Is there another packet of the stream?
  bool read_packet() {
    while (packet_) {
      ::av_packet_unref(packet_.get());
      if (::av_read_frame(&format_, packet_.get()) < 0) return false;
      if (packet_->stream_index == index_) return true;
    }
    return false;
  }

 private:
  AVFormatContext& format_;
  const int index_;
  const AvPtr<AVCodecContext> codec_;
  const AvPtr<AVPacket> packet_;
  const AvPtr<AVFrame> frame_;
  bool is_drained_ = false;
};

void read_film(AVFormatContext& format, const AVStream& stream, MediaFacts& facts) {
  const AVCodecParameters& about = *stream.codecpar;
  const Orientation orientation = orientation_of(stream);
  if (about.width > 0 && about.height > 0) {
    facts.width = static_cast<std::uint32_t>(about.width);
    facts.height = static_cast<std::uint32_t>(about.height);
    if (swaps_edges(orientation)) std::swap(facts.width, facts.height);
  }
  StreamReader reader(format, stream);
  if (const AVFrame* picture = reader.next(kPicturePacketsMax)) {
    facts.thumbnail = make_thumbnail(*picture, orientation);
  }
  if (facts.mimetype == "image/gif") facts.is_animated = reader.read_packet();
  else facts.seconds = length_of(format);
}

void read_sound(AVFormatContext& format, const AVStream& stream, MediaFacts& facts) {
  Waveform waveform;
  StreamReader reader(format, stream);
  const std::clock_t stop_at = std::clock() + kSoundCpuSeconds * CLOCKS_PER_SEC;
  bool is_whole = false;
  int rate = 0;
  while (waveform.samples() < Waveform::kSamplesMax && std::clock() < stop_at) {
    const AVFrame* sound = reader.next(kSoundPacketsMax);
    is_whole = sound == nullptr;
    if (is_whole) break;
    rate = sound->sample_rate;
    waveform.add(*sound);
  }
  facts.waveform = waveform.values();
  // Exact where all was heard; headers only estimate the length of MP3 and AAC.
  const bool is_counted = is_whole && rate > 0 && waveform.samples() > 0;
  facts.seconds = is_counted ? whole_seconds(static_cast<double>(waveform.samples()) / rate) : length_of(format);
}

}  // namespace

void read_container(const MediaFile& file, const std::string& name, MediaFacts& facts) {
  MediaFile source = file;
  const auto input = make_input(source);
  const auto format = input ? open_format(*input, name) : nullptr;
  if (!format) return;
  find_stream_info(*format);
  if (const AVStream* film = choose_stream(*format, AVMEDIA_TYPE_VIDEO)) return read_film(*format, *film, facts);
  const AVStream* sound = choose_stream(*format, AVMEDIA_TYPE_AUDIO);
  if (sound == nullptr) return;
  if (facts.mimetype.starts_with("video/")) facts.mimetype.replace(0, 5, "audio");
  facts.is_opus = facts.mimetype == "audio/ogg" && sound->codecpar->codec_id == AV_CODEC_ID_OPUS;
  read_sound(*format, *sound, facts);
}

}  // namespace konekwa::media_probe
