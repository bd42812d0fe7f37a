#include "daemon/media_probe/program/sniff.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

namespace konekwa::media_probe {
namespace {

using namespace std::literals;
using Reader = Sniffed::Reader;

// Octets that may not be there: empty then.
std::string_view part(ByteView head, std::size_t offset, std::size_t size) {
  if (offset > head.size() || head.size() - offset < size) return {};
  return as_text(head.subspan(offset, size));
}

bool has(ByteView head, std::size_t offset, std::string_view text) { return part(head, offset, text.size()) == text; }

std::uint32_t little_endian(ByteView head, std::size_t offset, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = size; i-- > 0;) out = out << 8 | head[offset + i];
  return out;
}

struct Magic {
  std::string_view octets;
  const char* mimetype;
  Reader reader;
  const char* name;
};

constexpr Magic kMagics[] = {
    {"\xff\xd8\xff"sv, "image/jpeg", Reader::Still, "mjpeg"},
    {"GIF87a"sv, "image/gif", Reader::Container, "gif"},
    {"GIF89a"sv, "image/gif", Reader::Container, "gif"},
    {"II*\0"sv, "image/tiff", Reader::None, ""},
    {"MM\0*"sv, "image/tiff", Reader::None, ""},
    {"ID3"sv, "audio/mpeg", Reader::Container, "mp3"},
    {"#!AMR\n"sv, "audio/amr", Reader::Container, "amr"},
    {"#!AMR-WB\n"sv, "audio/amr-wb", Reader::Container, "amr"},
    {"fLaC"sv, "audio/flac", Reader::Container, "flac"},
    {"%PDF-"sv, "application/pdf", Reader::None, ""},
    {"\x1f\x8b\x08"sv, "application/gzip", Reader::None, ""},
    {"7z\xbc\xaf\x27\x1c"sv, "application/x-7z-compressed", Reader::None, ""},
    {"Rar!\x1a\x07"sv, "application/vnd.rar", Reader::None, ""},
};

std::optional<Sniffed> by_magic(ByteView head) {
  const auto found = std::find_if(std::begin(kMagics), std::end(kMagics),
                                  [&](const Magic& magic) { return has(head, 0, magic.octets); });
  if (found == std::end(kMagics)) return std::nullopt;
  return Sniffed{found->mimetype, found->reader, found->name};
}

// An animated PNG has an acTL chunk before its picture. Chunk: length(4) type(4) data(length) crc(4).
std::optional<Sniffed> png(ByteView head) {
  if (!has(head, 0, "\x89PNG\r\n\x1a\n"sv)) return std::nullopt;
  Sniffed out{"image/png", Reader::Still, "png"};
  std::uint64_t at = 8;
  while (at + 8 <= head.size() && !has(head, at + 4, "IDAT")) {
    out.is_animated = out.is_animated || has(head, at + 4, "acTL");
    at += 12 + read_big_endian(head.subspan(at, 4));
  }
  return out;
}

// RIFF(4) size(4) form(4). WebP's VP8X chunk: "VP8X" size(4) flags(1) reserved(3) width-1(3) height-1(3).
std::optional<Sniffed> riff(ByteView head) {
  constexpr std::size_t kFlags = 20, kWidth = 24, kHeight = 27, kEnd = 30;
  constexpr std::uint8_t kAnimation = 0x02;
  if (!has(head, 0, "RIFF")) return std::nullopt;
  if (has(head, 8, "WAVE")) return Sniffed{"audio/wav", Reader::Container, "wav"};
  if (has(head, 8, "AVI ")) return Sniffed{"video/x-msvideo", Reader::Container, "avi"};
  if (!has(head, 8, "WEBP")) return std::nullopt;
  Sniffed out{"image/webp", Reader::Still, "webp"};
  if (!has(head, 12, "VP8X") || head.size() < kEnd || (head[kFlags] & kAnimation) == 0) return out;
  out.reader = Reader::None;
  out.is_animated = true;
  out.width = little_endian(head, kWidth, 3) + 1;
  out.height = little_endian(head, kHeight, 3) + 1;
  return out;
}

struct Brand {
  std::string_view prefix;
  const char* mimetype;
  Reader reader;
};

constexpr Brand kBrands[] = {
    {"3gp", "video/3gpp", Reader::Container},  {"3g2", "video/3gpp2", Reader::Container},
    {"M4A", "audio/mp4", Reader::Container},   {"M4B", "audio/mp4", Reader::Container},
    {"qt  ", "video/quicktime", Reader::Container},
    {"heic", "image/heic", Reader::None},      {"heix", "image/heic", Reader::None},
    {"mif1", "image/heif", Reader::None},      {"msf1", "image/heif", Reader::None},
    {"avif", "image/avif", Reader::None},      {"avis", "image/avif", Reader::None},
};

// Boxes of ISO 14496-12: size(4) type(4); "ftyp" is followed by the brand. QuickTime files may begin without.
std::optional<Sniffed> iso_media(ByteView head) {
  const auto type = part(head, 4, 4);
  if (type == "moov" || type == "mdat" || type == "wide") return Sniffed{"video/quicktime", Reader::Container, "mov"};
  if (type != "ftyp") return std::nullopt;
  const auto brand = part(head, 8, 4);
  const auto found = std::find_if(std::begin(kBrands), std::end(kBrands),
                                  [&](const Brand& known) { return brand.starts_with(known.prefix); });
  if (found == std::end(kBrands)) return Sniffed{"video/mp4", Reader::Container, "mov"};
  return Sniffed{found->mimetype, found->reader, "mov"};
}

// EBML names the kind of Matroska in its header, somewhere in the first octets.
std::optional<Sniffed> matroska(ByteView head) {
  constexpr std::size_t kHeaderOctetsMax = 64;
  if (!has(head, 0, "\x1a\x45\xdf\xa3"sv)) return std::nullopt;
  const auto start = as_text(head.first(std::min(head.size(), kHeaderOctetsMax)));
  const bool is_webm = start.find("webm") != std::string_view::npos;
  return Sniffed{is_webm ? "video/webm" : "video/x-matroska", Reader::Container, "matroska"};
}

// A page header of Ogg has 27 octets and its table of segments; then comes the first packet of the codec.
std::optional<Sniffed> ogg(ByteView head) {
  constexpr std::size_t kPageHeader = 27, kSegments = 26;
  if (!has(head, 0, "OggS"sv)) return std::nullopt;
  const std::size_t packet = head.size() > kSegments ? kPageHeader + head[kSegments] : 0;
  const bool is_video = has(head, packet, "\x80theora"sv);
  return Sniffed{is_video ? "video/ogg" : "audio/ogg", Reader::Container, "ogg"};
}

// MPEG audio without a tag: sync(11) version(2) layer(2) protection(1) bitrate(4) rate(2) ...; ADTS has 12 bits of
// sync and layer 0. So little is no proof, so every field has to make sense.
std::optional<Sniffed> mpeg_audio(ByteView head) {
  if (head.size() < 4 || head[0] != 0xff || (head[1] & 0xe0) != 0xe0) return std::nullopt;
  const unsigned version = head[1] >> 3 & 3, layer = head[1] >> 1 & 3;
  if ((head[1] & 0xf6) == 0xf0) {
    return (head[2] >> 2 & 0xf) < 13 ? std::optional(Sniffed{"audio/aac", Reader::Container, "aac"}) : std::nullopt;
  }
  const unsigned bitrate = head[2] >> 4, rate = head[2] >> 2 & 3;
  if (layer != 1 || version == 1 || bitrate == 0 || bitrate == 15 || rate == 3) return std::nullopt;
  return Sniffed{"audio/mpeg", Reader::Container, "mp3"};
}

struct Package {
  std::string_view part;   // begins the name of a file inside, or is what "mimetype" holds
  const char* mimetype;
};

constexpr Package kPackages[] = {
    {"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"},
    {"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"},
    {"mimetypeapplication/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.presentation"},
    {"mimetypeapplication/epub+zip", "application/epub+zip"},
};

// Office documents are ZIP files, told by the names inside. A local header: "PK\3\4" (22) name length(2) extra(2) name.
std::optional<Sniffed> zip(ByteView head) {
  constexpr std::string_view kEntry = "PK\x03\x04"sv;
  constexpr std::size_t kName = 30;
  if (!has(head, 0, kEntry)) return std::nullopt;
  const auto text = as_text(head);
  for (std::size_t at = 0; at != std::string_view::npos; at = text.find(kEntry, at + 1)) {
    for (const auto& [name, mimetype] : kPackages) {
      if (has(head, at + kName, name)) return Sniffed{mimetype, Reader::None, ""};
    }
  }
  return Sniffed{"application/zip", Reader::None, ""};
}

}  // namespace

Sniffed sniff(ByteView head) {
  for (const auto read : {by_magic, png, riff, iso_media, matroska, ogg, mpeg_audio, zip}) {
    if (auto sniffed = read(head)) return *sniffed;
  }
  return {};
}

}  // namespace konekwa::media_probe
