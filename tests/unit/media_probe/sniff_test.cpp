#include "daemon/media_probe/program/sniff.h"

#include "tests/unit/media_probe/sample_files.h"

namespace konekwa::media_probe {
namespace {

using namespace std::literals;

std::string type_of(std::string_view octets) { return sniff(as_bytes(octets)).mimetype; }

TEST_CASE("a type is told by the content") {
  const std::map<std::string, std::string> types{
      {"film.mp4", "video/mp4"},    {"turned.mp4", "video/mp4"},   {"film.webm", "video/webm"},
      {"sound.webm", "video/webm"}, {"old.3gp", "video/3gpp"},     {"moving.gif", "image/gif"},
      {"still.gif", "image/gif"},   {"moving.webp", "image/webp"}, {"sticker.webp", "image/webp"},
      {"photo.jpg", "image/jpeg"},  {"turned.jpg", "image/jpeg"},  {"picture.png", "image/png"},
      {"clear.png", "image/png"},   {"vast.png", "image/png"},     {"large.png", "image/png"},
      {"tone.aac", "audio/aac"},    {"tone.m4a", "audio/mp4"},     {"tone.mp3", "audio/mpeg"},
      {"tone.wav", "audio/wav"},    {"voice.ogg", "audio/ogg"},    {"voice.amr", "audio/amr"},
      {"page.pdf", "application/pdf"},
  };
  CHECK(types.size() == test::sample_names().size());
  for (const auto& [name, type] : types) {
    CAPTURE(name);
    CHECK(sniff(test::sample(name)).mimetype == type);
  }
}

TEST_CASE("brands tell the kinds of ISO media apart") {
  CHECK(type_of("\0\0\0\x18""ftypisom"sv) == "video/mp4");
  CHECK(type_of("\0\0\0\x18""ftypqt  "sv) == "video/quicktime");
  CHECK(type_of("\0\0\0\x18""ftyp3g2a"sv) == "video/3gpp2");
  CHECK(type_of("\0\0\0\x18""ftypM4B "sv) == "audio/mp4");
  CHECK(type_of("\0\0\0\x18""ftypheic"sv) == "image/heic");
  CHECK(type_of("\0\0\0\x18""ftypavif"sv) == "image/avif");
  CHECK(type_of("\0\0\0\x08""wide"sv) == "video/quicktime");
  CHECK(type_of("\0\0\0\x18""ftyp"sv) == "video/mp4");
}

TEST_CASE("office documents are told from other archives") {
  const std::string entry = "PK\x03\x04" + std::string(26, '\0');
  CHECK(type_of(entry + "a.txt") == "application/zip");
  CHECK(type_of(entry + "[Content_Types].xml" + entry + "word/document.xml") ==
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
  CHECK(type_of(entry + "xl/workbook.xml") == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  CHECK(type_of(entry + "mimetypeapplication/vnd.oasis.opendocument.textPK") ==
        "application/vnd.oasis.opendocument.text");
}

TEST_CASE("sound without a header is believed only when all its fields make sense") {
  CHECK(type_of("\xff\xfb\x90\x64"sv) == "audio/mpeg");
  CHECK(type_of("\xff\xf1\x50\x80"sv) == "audio/aac");
  CHECK(type_of("\xff\xfe\x48\x00"sv).empty());   // UTF-16 text
  CHECK(type_of("\xff\xfb\xf0\x64"sv).empty());   // no such bitrate
  CHECK(type_of("\xff\xfb\x9c\x64"sv).empty());   // no such rate
  CHECK(type_of("\xff\xf1\x7c\x80"sv).empty());
}

TEST_CASE("animation shows in the head") {
  CHECK(sniff(test::sample("moving.webp")).is_animated);
  CHECK(sniff(test::sample("moving.webp")).width == 64);
  CHECK_FALSE(sniff(test::sample("sticker.webp")).is_animated);
  const auto chunk = "\0\0\0\0acTL\0\0\0\0"s;
  CHECK(sniff(as_bytes("\x89PNG\r\n\x1a\n" + chunk)).is_animated);
  CHECK_FALSE(sniff(as_bytes("\x89PNG\r\n\x1a\n" + "\0\0\0\0IDAT\0\0\0\0"s + chunk)).is_animated);
}

TEST_CASE("what is not known has no type") {
  CHECK(type_of("").empty());
  CHECK(type_of("hello").empty());
  CHECK(type_of("RIFF....XXXX").empty());
  CHECK(type_of("<html>").empty());
}

TEST_CASE("a head may end anywhere") {
  for (const std::string& name : test::sample_names()) {
    const Bytes octets = test::sample(name);
    for (std::size_t size = 0; size < std::min<std::size_t>(octets.size(), 200); ++size) {
      sniff(Bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size)));
    }
  }
}

}  // namespace
}  // namespace konekwa::media_probe
