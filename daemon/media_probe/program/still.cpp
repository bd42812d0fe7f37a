#include "daemon/media_probe/program/still.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/display.h>
}

#include <cstdlib>

#include "daemon/media_probe/program/decoder.h"
#include "daemon/media_probe/program/thumbnail.h"

namespace konekwa::media_probe {
namespace {

constexpr std::size_t kOctetsMax = std::size_t{64} << 20;

AvPtr<AVPacket> whole_file(const MediaFile& file) {
  AvPtr<AVPacket> packet(::av_packet_alloc());
  if (!packet || file.size() == 0 || file.size() > kOctetsMax) return nullptr;
  if (::av_new_packet(packet.get(), static_cast<int>(file.size())) < 0) return nullptr;
  int filled = 0;
  file.seek(0, SEEK_SET);
  while (filled < packet->size) {
    const long count = file.read(packet->data + filled, static_cast<std::size_t>(packet->size - filled));
    if (count <= 0) return nullptr;
    filled += static_cast<int>(count);
  }
  return packet;
}

// The decoder of JPEG tells what EXIF says as text.
Orientation orientation_of(const AVFrame& picture) {
  const AVDictionaryEntry* entry = ::av_dict_get(picture.metadata, "Orientation", nullptr, 0);
  const long value = entry == nullptr ? 1 : std::strtol(entry->value, nullptr, 10);
  return value >= 1 && value <= 8 ? static_cast<Orientation>(value) : 1;
}

}  // namespace

void read_still(const MediaFile& file, const std::string& name, MediaFacts& facts) {
  const auto codec = open_decoder(name.c_str());
  const auto packet = whole_file(file);
  const AvPtr<AVFrame> picture(::av_frame_alloc());
  if (!codec || !packet || !picture) return;
  const bool is_decoded = ::avcodec_send_packet(codec.get(), packet.get()) >= 0 &&
                          ::avcodec_send_packet(codec.get(), nullptr) >= 0 &&
                          ::avcodec_receive_frame(codec.get(), picture.get()) >= 0;
  // The decoder knows the size also when the rest cannot be read.
  if (codec->width <= 0 || codec->height <= 0) return;
  const Orientation orientation = is_decoded ? orientation_of(*picture) : 1;
  facts.width = static_cast<std::uint32_t>(codec->width);
  facts.height = static_cast<std::uint32_t>(codec->height);
  if (swaps_edges(orientation)) std::swap(facts.width, facts.height);
  if (is_decoded) facts.thumbnail = make_thumbnail(*picture, orientation);
}

}  // namespace konekwa::media_probe
