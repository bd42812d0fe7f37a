// The small media files beside this test, made by FFmpeg of test pictures and tones, and by hand: page.pdf, clear.png
// (transparent), vast.png (claims 60000 x 60000), large.png (claims what fits the limit of pixels but not of memory),
// turned.jpg (says in EXIF that it lies on its side), voice.amr (a second of noise).
#pragma once

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/bytes.h"

namespace konekwa::media_probe::test {

inline std::string sample_path(const std::string& name) { return fmt::format("{}/{}", KONEKWA_MEDIA_FILES, name); }

inline Bytes sample(const std::string& name) {
  std::ifstream file(sample_path(name), std::ios::binary);
  REQUIRE(file);
  return to_bytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

inline std::vector<std::string> sample_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(KONEKWA_MEDIA_FILES)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// It is built beside this test.
inline std::string probe_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "konekwa-media-probe";
}

}  // namespace konekwa::media_probe::test
