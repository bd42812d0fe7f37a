#include <catch2/catch.hpp>

#include "cli/qr_terminal.h"

#include <string>

using namespace konekwa::cli;

namespace {

const std::string kLink = "https://wa.me/settings/linked_devices#2@" + std::string(220, 'A');

// What a camera sees of rendered lines: a grid of pixels, true where it is dark. Understands just what the renderer
// may emit, and fails on anything else.
class Camera {
 public:
  Camera(const std::vector<std::string>& lines, bool is_half) {
    for (const std::string& line : lines) {
      upper_.clear();
      lower_.clear();
      foreground_.reset();
      background_.reset();
      read(line);
      pixels_.push_back(upper_);
      if (is_half) pixels_.push_back(lower_);
    }
  }
  std::size_t rows() const { return pixels_.size(); }
  std::size_t columns() const { return pixels_.front().size(); }
  bool dark(std::size_t row, std::size_t column) const { return pixels_.at(row).at(column); }
  void halve() {   // two cells a module
    for (auto& row : pixels_) {
      REQUIRE(row.size() % 2 == 0);
      std::vector<bool> half;
      for (std::size_t i = 0; i < row.size(); i += 2) {
        REQUIRE(row[i] == row[i + 1]);
        half.push_back(row[i]);
      }
      row = half;
    }
  }

 private:
  void read(std::string_view text) {
    while (!text.empty()) {
      if (take(text, "\033[38;5;16;48;5;231m")) paint(true, false);
      else if (take(text, "\033[38;5;231;48;5;16m")) paint(false, true);
      else if (take(text, "\033[30;47m")) paint(true, false);
      else if (take(text, "\033[37;40m")) paint(false, true);
      else if (take(text, "\033[0m")) paint({}, {});
      else if (take(text, "▀")) put(foreground(), background());
      else if (take(text, "▄")) put(background(), foreground());
      else if (take(text, "█")) put(foreground(), foreground());
      else if (take(text, "#")) put(true, true);
      else if (take(text, " ")) put(background(), background());
      else FAIL("unexpected text in a line");
    }
    REQUIRE_FALSE(background_.has_value());   // reset at the end of the line
  }
  static bool take(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) return false;
    text.remove_prefix(what.size());
    return true;
  }
  void paint(std::optional<bool> foreground, std::optional<bool> background) {
    foreground_ = foreground;
    background_ = background;
  }
  // Without colours a letter is dark on a light ground, which a code that is not inverted counts on.
  bool foreground() const { return foreground_.value_or(true); }
  bool background() const { return background_.value_or(false); }
  void put(bool upper, bool lower) {
    upper_.push_back(upper);
    lower_.push_back(lower);
  }

  std::vector<std::vector<bool>> pixels_;
  std::vector<bool> upper_, lower_;
  std::optional<bool> foreground_, background_;
};

void require_shows(const Camera& camera, const QrMatrix& qr, int quiet_zone, bool inverted) {
  const int side = qr.size + 2 * quiet_zone;
  REQUIRE(static_cast<int>(camera.columns()) == side);
  REQUIRE(static_cast<int>(camera.rows()) >= side);
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const bool expected = qr.at(row - quiet_zone, column - quiet_zone) != inverted;
      if (camera.dark(static_cast<std::size_t>(row), static_cast<std::size_t>(column)) != expected) {
        FAIL("module " << row << "," << column << " differs");
      }
    }
  }
}

}  // namespace

TEST_CASE("a QR code has its three finder patterns and a light outside") {
  const auto qr = make_qr(kLink);
  REQUIRE(qr);
  const int last = qr->size - 1;
  for (const auto& [row, column] : {std::pair{0, 0}, std::pair{0, last - 6}, std::pair{last - 6, 0}}) {
    for (int i = 0; i < 7; ++i) {
      CHECK(qr->at(row, column + i));
      CHECK(qr->at(row + 6, column + i));
      CHECK(qr->at(row + i, column));
      CHECK(qr->at(row + 3, column + 3));
    }
    CHECK_FALSE(qr->at(row + 1, column + 1));
  }
  CHECK_FALSE(qr->at(-1, 0));
  CHECK_FALSE(qr->at(0, qr->size));
}

TEST_CASE("text beyond the largest QR code gives none") {
  CHECK_FALSE(make_qr(std::string(3000, 'x')));
  CHECK(make_qr(std::string(2900, 'x')));
}

TEST_CASE("every style shows the modules of the code and its quiet zone") {
  const auto qr = make_qr(kLink);
  REQUIRE(qr);
  for (const auto& [style, has_palette] :
       {std::pair{QrStyle::HalfBlocks, true}, std::pair{QrStyle::HalfBlocks, false},
        std::pair{QrStyle::ColourBlocks, true}, std::pair{QrStyle::ColourBlocks, false},
        std::pair{QrStyle::PlainBlocks, false}, std::pair{QrStyle::Ascii, false}}) {
    for (const int quiet_zone : {kQuietZone, kQuietZoneSmall}) {
      for (const bool inverted : {false, true}) {
        const QrLook look{style, quiet_zone, inverted, has_palette};
        const auto lines = render(*qr, look);
        const bool is_half = style == QrStyle::HalfBlocks || style == QrStyle::PlainBlocks;
        Camera camera(lines, is_half);
        if (!is_half) camera.halve();
        require_shows(camera, *qr, quiet_zone, inverted);
        const QrExtent size = extent(*qr, look);
        CHECK(static_cast<int>(lines.size()) == size.rows);
        CHECK((is_half ? 1 : 2) * static_cast<int>(camera.columns()) == size.columns);
      }
    }
  }
}

TEST_CASE("a pairing link fits 65 columns and 33 rows") {
  const auto qr = make_qr(kLink);
  REQUIRE(qr);
  const QrExtent size = extent(*qr, {});
  CHECK(size.columns == 65);
  CHECK(size.rows == 33);
}

TEST_CASE("the style follows what the terminal can show") {
  CHECK(style_for({true, 80, 24, true, true, true}) == QrStyle::HalfBlocks);
  CHECK(style_for({true, 80, 24, true, true, false}) == QrStyle::ColourBlocks);
  CHECK(style_for({true, 80, 24, false, true, true}) == QrStyle::PlainBlocks);
  CHECK(style_for({true, 80, 24, false, true, false}) == QrStyle::Ascii);
  CHECK(style_for({true, 80, 24, false, false, true}) == QrStyle::Ascii);
  CHECK(style_for({false, 80, 24, false, false, true}) == QrStyle::Ascii);
}
