#include "daemon/media_probe/program/inspect_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "daemon/media_probe/facts_json.h"
#include "daemon/media_probe/limits.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/media_probe/sample_files.h"

namespace konekwa::media_probe {
namespace {

MediaFacts inspect(const Bytes& octets) {
  const int descriptor = ::memfd_create("media", MFD_CLOEXEC);
  REQUIRE(descriptor >= 0);
  REQUIRE(::write(descriptor, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  const auto file = MediaFile::of(descriptor);
  REQUIRE(file);
  MediaFacts facts = inspect_file(*file);
  ::close(descriptor);
  return facts;
}

MediaFacts inspect(const std::string& name) { return inspect(test::sample(name)); }

struct Size {
  std::uint32_t width, height;
  bool operator==(const Size&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Size& size) { return out << size.width << " x " << size.height; }

Size size_of(const MediaFacts& facts) { return {facts.width, facts.height}; }

// Of a baseline JPEG: the frame header, FF C0 length(2) precision(1) height(2) width(2).
Size size_of_jpeg(const Bytes& jpeg) {
  const auto at = as_text(jpeg).find("\xff\xc0");
  REQUIRE(at != std::string_view::npos);
  const ByteView header = ByteView(jpeg).subspan(at);
  return {static_cast<std::uint32_t>(read_big_endian(header.subspan(7, 2))),
          static_cast<std::uint32_t>(read_big_endian(header.subspan(5, 2)))};
}

TEST_CASE("pictures: type, size and thumbnail") {
  const auto [name, size, small] = GENERATE(table<std::string, Size, Size>({
      {"photo.jpg", {160, 120}, {100, 75}},
      {"picture.png", {160, 120}, {100, 75}},
      {"sticker.webp", {160, 120}, {100, 75}},
      {"still.gif", {120, 60}, {100, 50}},
      {"clear.png", {20, 10}, {20, 10}},
  }));
  CAPTURE(name);
  const MediaFacts facts = inspect(name);
  CHECK(size_of(facts) == size);
  CHECK(size_of_jpeg(facts.thumbnail) == small);
  CHECK(facts.thumbnail.size() <= kThumbnailOctetsMax);
  CHECK(facts.seconds == 0);
  CHECK(facts.waveform.empty());
  CHECK_FALSE(facts.is_animated);
}

TEST_CASE("what lies on its side is stood up") {
  const MediaFacts photo = inspect("turned.jpg");
  CHECK(size_of(photo) == Size{120, 160});
  CHECK(size_of_jpeg(photo.thumbnail) == Size{75, 100});
  const MediaFacts film = inspect("turned.mp4");
  CHECK(size_of(film) == Size{240, 320});
  CHECK(size_of_jpeg(film.thumbnail) == Size{75, 100});
}

TEST_CASE("moving pictures are told from still ones") {
  CHECK(inspect("moving.gif").is_animated);
  CHECK_FALSE(inspect("moving.gif").thumbnail.empty());
  const MediaFacts sticker = inspect("moving.webp");
  CHECK(sticker.is_animated);
  CHECK(size_of(sticker) == Size{64, 64});
}

TEST_CASE("films: size, length and first picture") {
  const auto [name, type, size, seconds] = GENERATE(table<std::string, std::string, Size, std::uint32_t>({
      {"film.mp4", "video/mp4", {320, 240}, 2},
      {"film.webm", "video/webm", {320, 240}, 2},
      {"old.3gp", "video/3gpp", {176, 144}, 1},
  }));
  CAPTURE(name);
  const MediaFacts facts = inspect(name);
  CHECK(facts.mimetype == type);
  CHECK(size_of(facts) == size);
  CHECK(facts.seconds == seconds);
  CHECK(std::max(size_of_jpeg(facts.thumbnail).width, size_of_jpeg(facts.thumbnail).height) == 100);
  CHECK(facts.waveform.empty());
}

TEST_CASE("sound: length and waveform") {
  const auto [name, type, seconds] = GENERATE(table<std::string, std::string, std::uint32_t>({
      {"voice.ogg", "audio/ogg", 2},
      {"tone.mp3", "audio/mpeg", 3},
      {"tone.m4a", "audio/mp4", 2},
      {"tone.aac", "audio/aac", 2},
      {"tone.wav", "audio/wav", 1},
      {"voice.amr", "audio/amr", 1},
      {"sound.webm", "audio/webm", 1},
  }));
  CAPTURE(name);
  const MediaFacts facts = inspect(name);
  CHECK(facts.mimetype == type);
  CHECK(facts.seconds == seconds);
  CHECK(facts.is_opus == (name == "voice.ogg"));
  REQUIRE(facts.waveform.size() == kWaveformValues);
  CHECK(*std::max_element(facts.waveform.begin(), facts.waveform.end()) == kWaveformValueMax);
  CHECK(facts.thumbnail.empty());
}

// tone.wav: half a second of silence, half a second of a tone. voice.ogg: a tone of 0.1, then of 0.8.
TEST_CASE("a waveform shows where it is loud") {
  const Bytes wav = inspect("tone.wav").waveform;
  CHECK(std::all_of(wav.begin(), wav.begin() + 31, [](int value) { return value == 0; }));
  CHECK(std::all_of(wav.begin() + 33, wav.end(), [](int value) { return value > 60; }));
  const Bytes voice = inspect("voice.ogg").waveform;
  CHECK(voice[10] == Approx(12).margin(2));
  CHECK(voice[50] > 90);
}

TEST_CASE("sound that is broken in the middle is heard to its end") {
  Bytes octets = test::sample("tone.mp3");
  std::fill(octets.begin() + 2'000, octets.begin() + 2'500, std::uint8_t{0});
  const MediaFacts facts = inspect(octets);
  REQUIRE(facts.waveform.size() == kWaveformValues);
  CHECK(facts.waveform[0] < 30);
  CHECK(facts.waveform[60] > 80);
}

TEST_CASE("a size that could only be a lie, or would take all memory, is not decoded") {
  const MediaFacts facts = inspect("vast.png");
  CHECK(facts.mimetype == "image/png");
  CHECK(size_of(facts) == Size{0, 0});
  CHECK(facts.thumbnail.empty());
}

TEST_CASE("documents have a type only") {
  CHECK(write_media_facts(inspect("page.pdf")) == R"({"mimetype":"application/pdf"})");
  CHECK(write_media_facts(inspect(Bytes())) == "{}");
}

// Whatever is left of a file or changed in it: the facts that come out are such as konekwad accepts.
void check_acceptable(const Bytes& octets) {
  const auto read = read_media_facts(write_media_facts(inspect(octets)));
  if (!read) FAIL(read.error().text());
}

bool is_large(const std::string& name) { return name == "large.png"; }   // takes its memory, and its time

TEST_CASE("a file may end anywhere") {
  for (const std::string& name : test::sample_names()) {
    if (is_large(name)) continue;
    CAPTURE(name);
    const Bytes octets = test::sample(name);
    for (std::size_t size = 0; size < octets.size(); size += 64) {
      CAPTURE(size);
      check_acceptable(Bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size)));
    }
  }
}

TEST_CASE("any bit of a file may be another") {
  konekwa::test::SeededRandom random(20'260'310);
  for (const std::string& name : test::sample_names()) {
    if (is_large(name)) continue;
    CAPTURE(name);
    for (int round = 0; round < 40; ++round) {
      Bytes octets = test::sample(name);
      for (std::uint64_t flips = 1 + random.below(20); flips > 0; --flips) {
        octets[random.below(octets.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
      }
      CAPTURE(round);
      check_acceptable(octets);
    }
  }
}

}  // namespace
}  // namespace konekwa::media_probe
