// libav's objects with an owner. Its headers stay in .cpp files, so what frees them does too.
#pragma once

#include <memory>

struct AVCodecContext;
struct AVFormatContext;
struct AVFrame;
struct AVIOContext;
struct AVPacket;
struct SwsContext;

namespace konekwa::media_probe {

struct AvFree {
  void operator()(AVCodecContext* codec) const;
  void operator()(AVFormatContext* format) const;   // one that avformat_open_input() accepted
  void operator()(AVFrame* frame) const;
  void operator()(AVIOContext* input) const;
  void operator()(AVPacket* packet) const;
  void operator()(SwsContext* scaler) const;
};
template <class T>
using AvPtr = std::unique_ptr<T, AvFree>;

}  // namespace konekwa::media_probe
