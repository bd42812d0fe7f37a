#include "daemon/http/qr_image.h"

#include <cstring>

#include <png.h>

using namespace konekwa::http;

namespace {

constexpr int kQuietZone = 4;

// The pixels of a PNG, true for dark.
struct Pixels {
  int width = 0;
  std::vector<bool> dark;
};

Pixels decode(const std::string& png) {
  png_image image;
  std::memset(&image, 0, sizeof(image));
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, png.data(), png.size()) != 0);
  image.format = PNG_FORMAT_GRAY;
  std::vector<png_byte> gray(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, gray.data(), 0, nullptr) != 0);
  Pixels pixels{static_cast<int>(image.width), {}};
  for (const png_byte value : gray) pixels.dark.push_back(value < 128);
  return pixels;
}

}  // namespace

TEST_CASE("a code has the three finder patterns") {
  const auto matrix = make_qr("https://wa.me/settings/linked_devices#2@abc,def,ghi,1");
  REQUIRE(matrix);
  const int far = matrix->width - 7;
  for (const auto& [x, y] : {std::pair{0, 0}, {far, 0}, {0, far}}) {
    CHECK(matrix->is_dark(x, y));
    CHECK_FALSE(matrix->is_dark(x + 1, y + 1));
    CHECK(matrix->is_dark(x + 3, y + 3));
  }
  CHECK_FALSE(matrix->is_dark(-1, 0));
}

TEST_CASE("a text of 225 characters takes 53 modules, as level L has it") {
  CHECK(make_qr(std::string(225, 'a'))->width == 53);
}

TEST_CASE("a text that fits into no code is an error") { CHECK_FALSE(make_qr(std::string(4000, 'a'))); }

TEST_CASE("the picture shows each module in whole pixels within the quiet zone") {
  const auto matrix = make_qr("hello");
  const auto png = qr_png(*matrix, 300);
  REQUIRE(png);
  const Pixels pixels = decode(*png);
  const int side = matrix->width + 2 * kQuietZone;
  const int scale = 300 / side;
  REQUIRE(pixels.width == side * scale);
  for (int y = 0; y < pixels.width; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      const bool is_dark = pixels.dark[static_cast<std::size_t>(y * pixels.width + x)];
      REQUIRE(is_dark == matrix->is_dark(x / scale - kQuietZone, y / scale - kQuietZone));
    }
  }
}

TEST_CASE("a size smaller than the code gives one pixel a module") {
  const auto matrix = make_qr("hello");
  CHECK(decode(*qr_png(*matrix, 1)).width == matrix->width + 2 * kQuietZone);
}

TEST_CASE("the SVG has a square for each dark module") {
  const auto matrix = make_qr("hello");
  const std::string svg = qr_svg(*matrix, 400);
  CHECK(svg.starts_with("<svg "));
  std::size_t squares = 0;
  for (std::size_t at = svg.find("h1v1h-1z"); at != std::string::npos; at = svg.find("h1v1h-1z", at + 1)) ++squares;
  CHECK(squares == static_cast<std::size_t>(std::count(matrix->dark.begin(), matrix->dark.end(), true)));
}

TEST_CASE("the text paints both colours, two modules a character, and resets each line") {
  const auto matrix = make_qr("hello");
  const std::string text = qr_text(*matrix);
  const auto lines = std::count(text.begin(), text.end(), '\n');
  CHECK(lines == (matrix->width + 2 * kQuietZone + 1) / 2);
  CHECK(text.starts_with("\x1b[38;5;231;48;5;231m\u2580"));
  CHECK(text.ends_with("\x1b[0m\n"));
}
