#include "daemon/media_probe/facts_json.h"

#include "daemon/media_probe/limits.h"

namespace konekwa::media_probe {
namespace {

std::string jpeg_of(std::size_t size) {
  Bytes octets(size, 0);
  octets[0] = octets[2] = octets[size - 2] = 0xff;
  octets[1] = 0xd8;
  octets[size - 1] = 0xd9;
  return to_base64(octets);
}

std::string numbers(std::size_t count, int value) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + std::to_string(value);
  return "[" + out + "]";
}

TEST_CASE("facts are read as they were written") {
  MediaFacts facts;
  facts.mimetype = "audio/ogg";
  facts.width = 65'535;
  facts.height = 1;
  facts.seconds = 7;
  facts.is_opus = facts.is_animated = true;
  facts.thumbnail = *from_base64(jpeg_of(kThumbnailOctetsMax));
  facts.waveform = Bytes(kWaveformValues, 100);
  const auto read = read_media_facts(write_media_facts(facts));
  REQUIRE(read);
  CHECK(read->mimetype == facts.mimetype);
  CHECK(read->width == facts.width);
  CHECK(read->height == facts.height);
  CHECK(read->seconds == facts.seconds);
  CHECK(read->is_opus);
  CHECK(read->is_animated);
  CHECK(read->thumbnail == facts.thumbnail);
  CHECK(read->waveform == facts.waveform);
}

TEST_CASE("what is not known is not there") {
  CHECK(write_media_facts({}) == "{}");
  const auto read = read_media_facts("{}");
  REQUIRE(read);
  CHECK(read->mimetype.empty());
  CHECK(read->width == 0);
  CHECK(read->waveform.empty());
}

TEST_CASE("an answer that a file may have made up is refused") {
  const auto text = GENERATE_COPY(values<std::string>({
      "", "x", "[]", "null", "{", "{}{}", std::string(100'000, ' ') + "{}", std::string(40, '['),
      R"({"path":"/etc/passwd"})",
      R"({"width":1})", R"({"width":0,"height":0})", R"({"width":65536,"height":1})", R"({"width":-1,"height":1})",
      R"({"width":1.5,"height":1})", R"({"width":"1","height":1})", R"({"width":4294967297,"height":1})",
      R"({"width":1,"width":1,"height":1})",
      R"({"seconds":2592001})", R"({"seconds":1e9})", R"({"seconds":null})",
      R"({"is_opus":1})", R"({"is_animated":"true"})",
      R"({"mimetype":""})", R"({"mimetype":"image"})", R"({"mimetype":"image/"})", R"({"mimetype":"/png"})",
      R"({"mimetype":"image/png\r\nX: y"})", R"({"mimetype":"image/png; a=b"})", R"({"mimetype":"a/b/c"})",
      R"({"mimetype":7})", R"({"mimetype":"a/)" + std::string(126, 'a') + R"("})",
      R"({"thumbnail":"AAAAAAAA"})", R"({"thumbnail":"!"})", R"({"thumbnail":""})", R"({"thumbnail":[255]})",
      R"({"thumbnail":")" + jpeg_of(kThumbnailOctetsMax + 1) + R"("})",
      R"({"waveform":[]})", R"({"waveform":)" + numbers(63, 1) + "}", R"({"waveform":)" + numbers(65, 1) + "}",
      R"({"waveform":)" + numbers(64, 101) + "}", R"({"waveform":)" + numbers(64, -1) + "}", R"({"waveform":"x"})",
  }));
  CAPTURE(text.substr(0, 200));
  const auto read = read_media_facts(text);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::PROTOCOL);
}

}  // namespace
}  // namespace konekwa::media_probe
