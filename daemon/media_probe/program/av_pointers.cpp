#include "daemon/media_probe/program/av_pointers.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

namespace konekwa::media_probe {

void AvFree::operator()(AVCodecContext* codec) const { ::avcodec_free_context(&codec); }
void AvFree::operator()(AVFormatContext* format) const { ::avformat_close_input(&format); }
void AvFree::operator()(AVFrame* frame) const { ::av_frame_free(&frame); }
void AvFree::operator()(AVIOContext* input) const {
  ::av_freep(&input->buffer);
  ::avio_context_free(&input);
}
void AvFree::operator()(AVPacket* packet) const { ::av_packet_free(&packet); }
void AvFree::operator()(SwsContext* scaler) const { ::sws_freeContext(scaler); }

}  // namespace konekwa::media_probe
