#include "daemon/media_probe/program/decoder.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace konekwa::media_probe {
namespace {

AvPtr<AVCodecContext> open(const AVCodec* decoder, const AVCodecParameters* parameters) {
  if (decoder == nullptr) return nullptr;
  AvPtr<AVCodecContext> codec(::avcodec_alloc_context3(decoder));
  if (!codec) return nullptr;
  if (parameters != nullptr && ::avcodec_parameters_to_context(codec.get(), parameters) < 0) return nullptr;
  codec->thread_count = 1;
  codec->max_pixels = kPixelsMax;
  codec->codec_whitelist = ::av_strdup(kKnownCodecs);
  if (::avcodec_open2(codec.get(), decoder, nullptr) < 0) return nullptr;
  return codec;
}

}  // namespace

const char* const kKnownCodecs =
    "mjpeg,png,webp,gif,h264,hevc,mpeg4,h263,vp8,vp9,theora,"
    "aac,mp3float,opus,vorbis,amrnb,amrwb,flac,alac,pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_alaw,pcm_mulaw";

AvPtr<AVCodecContext> open_decoder(const char* name) { return open(::avcodec_find_decoder_by_name(name), nullptr); }

AvPtr<AVCodecContext> open_decoder(const AVCodecParameters& parameters) {
  return open(::avcodec_find_decoder(parameters.codec_id), &parameters);
}

}  // namespace konekwa::media_probe
