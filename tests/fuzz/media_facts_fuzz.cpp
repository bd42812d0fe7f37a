// What konekwad reads of the program that looks into media files, and how that program tells what a file is.
// links: konekwa_media_probe_program
#include "daemon/media_probe/facts_json.h"
#include "daemon/media_probe/limits.h"
#include "daemon/media_probe/program/sniff.h"

using namespace konekwa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto facts = media_probe::read_media_facts(as_text(input))) {
    KONEKWA_ASSERT(facts->thumbnail.size() <= media_probe::kThumbnailOctetsMax);
    KONEKWA_ASSERT(facts->waveform.empty() || facts->waveform.size() == media_probe::kWaveformValues);
    const std::string text = media_probe::write_media_facts(*facts);
    const auto again = media_probe::read_media_facts(text);
    KONEKWA_ASSERT(again && media_probe::write_media_facts(*again) == text);
  }
  const auto sniffed = media_probe::sniff(input);
  KONEKWA_ASSERT(sniffed.reader == media_probe::Sniffed::Reader::None || !sniffed.name.empty());
  return 0;
}
