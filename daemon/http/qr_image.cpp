#include "daemon/http/qr_image.h"

#include <algorithm>
#include <csetjmp>
#include <iterator>
#include <memory>

#include <fmt/format.h>
#include <png.h>
#include <qrencode.h>

namespace konekwa::http {
namespace {

constexpr int kQuietZone = 4;

int side(const QrMatrix& matrix) { return matrix.width + 2 * kQuietZone; }

// One line of pixels, one bit each, white is 1.
std::string pixel_row(const QrMatrix& matrix, int y, int scale) {
  std::string row(static_cast<std::size_t>((side(matrix) * scale + 7) / 8), '\0');
  for (int x = 0; x < side(matrix) * scale; ++x) {
    if (matrix.is_dark(x / scale - kQuietZone, y)) continue;
    auto& octet = row[static_cast<std::size_t>(x / 8)];
    octet = static_cast<char>(octet | 0x80 >> x % 8);
  }
  return row;
}

void append_octets(png_structp png, png_bytep data, png_size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(data), size);
}

// libpng leaves by longjmp: nothing in this function may need a destructor.
bool write_png(png_structp png, png_infop info, std::string& out, const std::vector<std::string>& rows, int scale) {
  if (setjmp(png_jmpbuf(png))) return false;
  const auto pixels = static_cast<png_uint_32>(rows.size()) * static_cast<png_uint_32>(scale);
  png_set_write_fn(png, &out, append_octets, nullptr);
  png_set_IHDR(png, info, pixels, pixels, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (const std::string& row : rows) {
    for (int i = 0; i < scale; ++i) png_write_row(png, reinterpret_cast<png_const_bytep>(row.data()));
  }
  png_write_end(png, nullptr);
  return true;
}

}  // namespace

bool QrMatrix::is_dark(int x, int y) const {
  return x >= 0 && y >= 0 && x < width && y < width && dark[static_cast<std::size_t>(y * width + x)];
}

Result<QrMatrix> make_qr(std::string_view text) {
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_L), QRcode_free);
  if (!code) return fail(ErrorCode::INVALID_REQUEST, "the text does not fit into a QR code");
  QrMatrix matrix;
  matrix.width = code->width;
  const auto count = static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width);
  matrix.dark.reserve(count);
  for (std::size_t i = 0; i < count; ++i) matrix.dark.push_back((code->data[i] & 1) != 0);
  return matrix;
}

Result<std::string> qr_png(const QrMatrix& matrix, int size_px) {
  const int scale = std::max(1, size_px / side(matrix));
  std::vector<std::string> rows;
  for (int y = 0; y < side(matrix); ++y) rows.push_back(pixel_row(matrix, y - kQuietZone, scale));
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  const bool is_written = info != nullptr && write_png(png, info, out, rows, scale);
  png_destroy_write_struct(&png, &info);
  if (!is_written) return fail(ErrorCode::INTERNAL_ERROR, "the picture could not be made");
  return out;
}

std::string qr_svg(const QrMatrix& matrix, int size_px) {
  std::string path;
  for (int y = 0; y < matrix.width; ++y) {
    for (int x = 0; x < matrix.width; ++x) {
      if (matrix.is_dark(x, y)) {
        fmt::format_to(std::back_inserter(path), "M{},{}h1v1h-1z", x + kQuietZone, y + kQuietZone);
      }
    }
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{1}\" height=\"{1}\" viewBox=\"0 0 {0} {0}\" "
      "shape-rendering=\"crispEdges\"><rect width=\"{0}\" height=\"{0}\" fill=\"#fff\"/>"
      "<path d=\"{2}\" fill=\"#000\"/></svg>\n",
      side(matrix), size_px, path);
}

std::string qr_text(const QrMatrix& matrix) {
  // A character is two modules, one above the other: "▀" shows the upper in the foreground colour. Colours of the
  // 256-colour cube, because terminal themes change the first sixteen.
  constexpr int kBlack = 16;
  constexpr int kWhite = 231;
  std::string out;
  for (int y = -kQuietZone; y < matrix.width + kQuietZone; y += 2) {
    std::pair<int, int> painted{-1, -1};
    for (int x = -kQuietZone; x < matrix.width + kQuietZone; ++x) {
      const std::pair colours(matrix.is_dark(x, y) ? kBlack : kWhite, matrix.is_dark(x, y + 1) ? kBlack : kWhite);
      if (colours != painted) {
        fmt::format_to(std::back_inserter(out), "\x1b[38;5;{};48;5;{}m", colours.first, colours.second);
      }
      painted = colours;
      out += "\u2580";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

}  // namespace konekwa::http
