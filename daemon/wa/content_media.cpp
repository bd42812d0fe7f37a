// Pictures, videos, sounds, documents and stickers, in and out.
#include "daemon/wa/content_parts.h"
#include "daemon/wa/proto_bytes.h"

#include "proto/e2e.pb.h"

#include <algorithm>

namespace konekwa::wa::content_parts {
namespace {

constexpr std::size_t kHashSize = 32;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kWaveformSize = 64;
constexpr std::uint8_t kWaveformTop = 100;

bool is_sound(const MediaFile& file) {
  const auto fits = [](const Bytes& octets, std::size_t size) { return octets.empty() || octets.size() == size; };
  return fits(file.media_key, kKeySize) && fits(file.sha256, kHashSize) && fits(file.enc_sha256, kHashSize) &&
         !(file.direct_path.empty() && file.url.empty());
}

// The fields that all five have, under their own numbers each.
template <class Message>
MediaFile file_of(const Message& message, MediaKind kind) {
  MediaFile file;
  file.kind = kind;
  file.mimetype = name_of(message.mimetype());
  file.url = name_of(message.url());
  file.direct_path = name_of(message.direct_path());
  file.media_key = to_bytes(message.media_key());
  file.sha256 = to_bytes(message.file_sha256());
  file.enc_sha256 = to_bytes(message.file_enc_sha256());
  file.length = message.file_length();
  const std::int64_t made_at_s = seconds_of(message.media_key_timestamp());
  if (made_at_s > 0) file.key_time = from_unix_seconds(made_at_s);
  return file;
}

template <class Message>
MediaContent* read_file(const Message& message, MediaKind kind, Content& content) {
  MediaContent media;
  media.file = file_of(message, kind);
  if (!is_sound(media.file)) return nullptr;
  content.kind = Content::Kind::Media;
  return &content.media.emplace(std::move(media));
}

Bytes waveform_of(const std::string& octets) {
  if (octets.size() != kWaveformSize) return {};
  Bytes waveform = to_bytes(octets);
  for (std::uint8_t& one : waveform) one = std::min(one, kWaveformTop);
  return waveform;
}

template <class Message>
void write_file(const MediaFile& file, Message& message) {
  if (!file.url.empty()) message.set_url(file.url);
  message.set_direct_path(file.direct_path);
  message.set_mimetype(file.mimetype);
  if (!file.media_key.empty()) message.set_media_key(field(file.media_key));
  if (!file.sha256.empty()) message.set_file_sha256(field(file.sha256));
  if (!file.enc_sha256.empty()) message.set_file_enc_sha256(field(file.enc_sha256));
  message.set_file_length(file.length);
  if (file.key_time) message.set_media_key_timestamp(unix_seconds(*file.key_time));
}

bool fits_out(const Bytes& thumbnail) { return !thumbnail.empty() && thumbnail.size() <= kThumbnailOutMax; }

template <class Message>
void write_size(const MediaContent& media, Message& message) {
  if (media.width > 0) message.set_width(media.width);
  if (media.height > 0) message.set_height(media.height);
}

void write(const Content& content, proto::ImageMessage& image) {
  write_file(content.media->file, image);
  write_size(*content.media, image);
  if (!content.text.empty()) image.set_caption(content.text);
  if (fits_out(content.media->thumbnail)) image.set_jpeg_thumbnail(field(content.media->thumbnail));
  if (content.is_view_once) image.set_view_once(true);
}

void write(const Content& content, proto::VideoMessage& video) {
  write_file(content.media->file, video);
  write_size(*content.media, video);
  if (!content.text.empty()) video.set_caption(content.text);
  if (fits_out(content.media->thumbnail)) video.set_jpeg_thumbnail(field(content.media->thumbnail));
  if (content.media->seconds > 0) video.set_seconds(content.media->seconds);
  if (content.media->is_gif) video.set_gif_playback(true);
  if (content.is_view_once) video.set_view_once(true);
}

void write(const Content& content, proto::AudioMessage& audio) {
  write_file(content.media->file, audio);
  if (content.media->seconds > 0) audio.set_seconds(content.media->seconds);
  audio.set_ptt(content.media->is_voice);
  if (!content.media->waveform.empty()) audio.set_waveform(field(content.media->waveform));
  if (content.is_view_once) audio.set_view_once(true);
}

void write(const Content& content, proto::DocumentMessage& document) {
  write_file(content.media->file, document);
  if (!content.media->filename.empty()) {
    document.set_file_name(content.media->filename);
    document.set_title(content.media->filename);
  }
  if (content.media->page_count > 0) document.set_page_count(content.media->page_count);
  if (!content.text.empty()) document.set_caption(content.text);
  if (!fits_out(content.media->thumbnail)) return;
  document.set_jpeg_thumbnail(field(content.media->thumbnail));
  if (content.media->width > 0) document.set_thumbnail_width(content.media->width);
  if (content.media->height > 0) document.set_thumbnail_height(content.media->height);
}

void write(const Content& content, proto::StickerMessage& sticker) {
  write_file(content.media->file, sticker);
  write_size(*content.media, sticker);
  sticker.set_is_animated(content.media->is_animated);
  if (fits_out(content.media->thumbnail)) sticker.set_png_thumbnail(field(content.media->thumbnail));
}

template <class Message>
void write_all(const Content& content, Message& message) {
  write(content, message);
  if (!content.context.is_empty()) write_context(content.context, *message.mutable_context_info());
}

}  // namespace

void read(const proto::ImageMessage& image, Content& content) {
  MediaContent* media = read_file(image, MediaKind::Image, content);
  if (!media) return;
  media->width = image.width();
  media->height = image.height();
  media->thumbnail = thumbnail_of(image.jpeg_thumbnail());
  content.text = text_of(image.caption());
  content.is_view_once |= image.view_once();
}

void read(const proto::VideoMessage& video, Content& content) {
  MediaContent* media = read_file(video, MediaKind::Video, content);
  if (!media) return;
  media->width = video.width();
  media->height = video.height();
  media->seconds = video.seconds();
  media->is_gif = video.gif_playback();
  media->thumbnail = thumbnail_of(video.jpeg_thumbnail());
  content.text = text_of(video.caption());
  content.is_view_once |= video.view_once();
}

void read(const proto::AudioMessage& audio, Content& content) {
  MediaContent* media = read_file(audio, MediaKind::Audio, content);
  if (!media) return;
  media->seconds = audio.seconds();
  media->is_voice = audio.ptt();
  media->waveform = waveform_of(audio.waveform());
  content.is_view_once |= audio.view_once();
}

void read(const proto::DocumentMessage& document, Content& content) {
  MediaContent* media = read_file(document, MediaKind::Document, content);
  if (!media) return;
  media->filename = name_of(document.file_name().empty() ? document.title() : document.file_name());
  media->page_count = document.page_count();
  media->width = document.thumbnail_width();
  media->height = document.thumbnail_height();
  media->thumbnail = thumbnail_of(document.jpeg_thumbnail());
  content.text = text_of(document.caption());
}

void read(const proto::StickerMessage& sticker, Content& content) {
  MediaContent* media = read_file(sticker, MediaKind::Sticker, content);
  if (!media) return;
  media->width = sticker.width();
  media->height = sticker.height();
  media->is_animated = sticker.is_animated();
  media->thumbnail = thumbnail_of(sticker.png_thumbnail());
}

void write_media(const Content& content, proto::Message& message) {
  KONEKWA_ASSERT(content.media);
  // View once stands in a wrapper and in the field itself: clients differ in where they look.
  proto::Message* inner = &message;
  if (content.is_view_once) {
    auto& wrapper = content.media->is_voice ? *message.mutable_view_once_message_v2_extension()
                                            : *message.mutable_view_once_message_v2();
    inner = wrapper.mutable_message();
  }
  switch (content.media->file.kind) {
    case MediaKind::Image: return write_all(content, *inner->mutable_image_message());
    case MediaKind::Video:
      return write_all(content, content.media->is_video_note ? *inner->mutable_ptv_message()
                                                             : *inner->mutable_video_message());
    case MediaKind::Audio: return write_all(content, *inner->mutable_audio_message());
    case MediaKind::Sticker: return write_all(content, *inner->mutable_sticker_message());
    case MediaKind::Document:
      if (!content.text.empty()) inner = inner->mutable_document_with_caption_message()->mutable_message();
      return write_all(content, *inner->mutable_document_message());
  }
}

}  // namespace konekwa::wa::content_parts
