#include "daemon/media_probe/program/thumbnail.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
}

#include "daemon/media_probe/limits.h"
#include "daemon/media_probe/program/av_pointers.h"

namespace konekwa::media_probe {
namespace {

constexpr int kQualities[] = {4, 8, 16, 31};   // quantizers: the first whose file is small enough
constexpr int kRgbaOctets = 4;

struct Size {
  int width = 0, height = 0;
};

Size within_limit(const AVFrame& picture) {
  const int longest = std::max(picture.width, picture.height);
  if (longest <= kThumbnailEdgeMax) return {picture.width, picture.height};
  const auto scaled = [&](int edge) {
    return std::max(1, static_cast<int>(std::int64_t{edge} * kThumbnailEdgeMax / longest));
  };
  return {scaled(picture.width), scaled(picture.height)};
}

AvPtr<AVFrame> new_frame(Size size, AVPixelFormat format) {
  AvPtr<AVFrame> frame(::av_frame_alloc());
  if (!frame) return nullptr;
  frame->width = size.width;
  frame->height = size.height;
  frame->format = format;
  if (::av_frame_get_buffer(frame.get(), 0) < 0) return nullptr;
  return frame;
}

AvPtr<AVFrame> convert(const AVFrame& from, Size size, AVPixelFormat format) {
  const AvPtr<SwsContext> scaler(::sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format),
                                                  size.width, size.height, format, SWS_AREA, nullptr, nullptr,
                                                  nullptr));
  auto to = new_frame(size, format);
  if (!scaler || !to) return nullptr;
  const int rows = ::sws_scale(scaler.get(), from.data, from.linesize, 0, from.height, to->data, to->linesize);
  return rows > 0 ? std::move(to) : nullptr;
}

// Where the pixel at (x, y) of the upright picture is in a picture of `size`.
std::pair<int, int> source_of(int x, int y, Size size, Orientation orientation) {
  const int right = size.width - 1, bottom = size.height - 1;
  switch (orientation) {
    case 2: return {right - x, y};
    case 3: return {right - x, bottom - y};
    case 4: return {x, bottom - y};
    case 5: return {y, x};
    case 6: return {y, bottom - x};
    case 7: return {right - y, bottom - x};
    case 8: return {right - y, x};
    default: return {x, y};
  }
}

AvPtr<AVFrame> upright_on_white(const AVFrame& rgba, Orientation orientation) {
  const Size size{rgba.width, rgba.height};
  auto out = new_frame(swaps_edges(orientation) ? Size{size.height, size.width} : size, AV_PIX_FMT_RGBA);
  if (!out) return nullptr;
  for (int y = 0; y < out->height; ++y) {
    for (int x = 0; x < out->width; ++x) {
      const auto [from_x, from_y] = source_of(x, y, size, orientation);
      const std::uint8_t* from = rgba.data[0] + from_y * rgba.linesize[0] + from_x * kRgbaOctets;
      std::uint8_t* to = out->data[0] + y * out->linesize[0] + x * kRgbaOctets;
      const int alpha = from[3];
      for (int i = 0; i < 3; ++i) to[i] = static_cast<std::uint8_t>((from[i] * alpha + 255 * (255 - alpha)) / 255);
      to[3] = 255;
    }
  }
  return out;
}

Bytes encode(AVFrame& picture, int quality) {
  const AVCodec* encoder = ::avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  const AvPtr<AVCodecContext> codec(::avcodec_alloc_context3(encoder));
  const AvPtr<AVPacket> packet(::av_packet_alloc());
  if (!codec || !packet) return {};
  codec->width = picture.width;
  codec->height = picture.height;
  codec->pix_fmt = AV_PIX_FMT_YUVJ420P;
  codec->time_base = {1, 1};
  codec->sample_aspect_ratio = {1, 1};   // else it writes no JFIF header
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;   // exact: does not sign itself with its version
  codec->global_quality = picture.quality = quality * FF_QP2LAMBDA;
  if (::avcodec_open2(codec.get(), encoder, nullptr) < 0 || ::avcodec_send_frame(codec.get(), &picture) < 0 ||
      ::avcodec_receive_packet(codec.get(), packet.get()) < 0) {
    return {};
  }
  return {packet->data, packet->data + packet->size};
}

}  // namespace

Bytes make_thumbnail(const AVFrame& picture, Orientation orientation) {
  if (picture.width <= 0 || picture.height <= 0) return {};
  const auto small = convert(picture, within_limit(picture), AV_PIX_FMT_RGBA);
  if (!small) return {};
  const auto upright = upright_on_white(*small, orientation);
  if (!upright) return {};
  const auto planes = convert(*upright, {upright->width, upright->height}, AV_PIX_FMT_YUVJ420P);
  if (!planes) return {};
  planes->pts = 0;
  for (const int quality : kQualities) {
    Bytes jpeg = encode(*planes, quality);
    if (jpeg.size() <= kThumbnailOctetsMax) return jpeg;
  }
  return {};
}

}  // namespace konekwa::media_probe
