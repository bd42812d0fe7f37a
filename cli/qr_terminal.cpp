#include "cli/qr_terminal.h"

#include <memory>

#include <fmt/format.h>
#include <qrencode.h>

namespace konekwa::cli {
namespace {

constexpr int kSvgModulePixels = 8;
// Indexed by [there is a palette][light on dark].
constexpr std::string_view kColours[2][2] = {{"\033[30;47m", "\033[37;40m"},
                                             {"\033[38;5;16;48;5;231m", "\033[38;5;231;48;5;16m"}};
constexpr std::string_view kReset = "\033[0m";

// Indexed by [upper is dark][lower is dark]. The foreground is the dark colour.
constexpr std::string_view kHalves[2][2] = {{" ", "▄"}, {"▀", "█"}};

template <class Cell>
std::string line_of(const QrMatrix& qr, const QrLook& look, const Cell& cell) {
  std::string out;
  for (int column = -look.quiet_zone; column < qr.size + look.quiet_zone; ++column) out += cell(column);
  return out;
}

std::vector<std::string> half_blocks(const QrMatrix& qr, const QrLook& look) {
  std::vector<std::string> lines;
  const std::string_view colours = kColours[look.has_palette][look.is_inverted];
  for (int row = -look.quiet_zone; row < qr.size + look.quiet_zone; row += 2) {
    const auto cell = [&](int column) { return kHalves[qr.at(row, column)][qr.at(row + 1, column)]; };
    lines.push_back(std::string(colours) + line_of(qr, look, cell) + std::string(kReset));
  }
  return lines;
}

std::vector<std::string> colour_blocks(const QrMatrix& qr, const QrLook& look) {
  std::vector<std::string> lines;
  for (int row = -look.quiet_zone; row < qr.size + look.quiet_zone; ++row) {
    std::optional<bool> painted;   // the colours are written only where they change
    const auto cell = [&](int column) {
      const bool is_dark = qr.at(row, column) != look.is_inverted;
      const bool changes = painted != is_dark;
      painted = is_dark;
      return std::string(changes ? kColours[look.has_palette][is_dark] : "") + "  ";
    };
    lines.push_back(line_of(qr, look, cell) + std::string(kReset));
  }
  return lines;
}

std::vector<std::string> plain_blocks(const QrMatrix& qr, const QrLook& look) {
  std::vector<std::string> lines;
  for (int row = -look.quiet_zone; row < qr.size + look.quiet_zone; row += 2) {
    const auto is_letter = [&](int y, int x) { return qr.at(y, x) != look.is_inverted; };
    const auto cell = [&](int column) { return kHalves[is_letter(row, column)][is_letter(row + 1, column)]; };
    lines.push_back(line_of(qr, look, cell));
  }
  return lines;
}

std::vector<std::string> ascii(const QrMatrix& qr, const QrLook& look) {
  std::vector<std::string> lines;
  for (int row = -look.quiet_zone; row < qr.size + look.quiet_zone; ++row) {
    const auto cell = [&](int column) { return qr.at(row, column) != look.is_inverted ? "##" : "  "; };
    lines.push_back(line_of(qr, look, cell));
  }
  return lines;
}

}  // namespace

bool QrMatrix::at(int row, int column) const {
  if (row < 0 || column < 0 || row >= size || column >= size) return false;
  return dark[static_cast<std::size_t>(row * size + column)];
}

std::optional<QrMatrix> make_qr(std::string_view text) {
  const std::string terminated(text);
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_L), &QRcode_free);
  if (!code) return std::nullopt;
  QrMatrix out;
  out.size = code->width;
  out.dark.resize(static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width));
  for (std::size_t i = 0; i < out.dark.size(); ++i) out.dark[i] = (code->data[i] & 1) != 0;
  return out;
}

QrStyle style_for(const Terminal& terminal) {
  if (terminal.has_colour) return terminal.is_utf8 ? QrStyle::HalfBlocks : QrStyle::ColourBlocks;
  return terminal.is_utf8 && terminal.has_cursor ? QrStyle::PlainBlocks : QrStyle::Ascii;
}

bool is_made_of_letters(QrStyle style) { return style == QrStyle::PlainBlocks || style == QrStyle::Ascii; }

QrExtent extent(const QrMatrix& qr, const QrLook& look) {
  const int side = qr.size + 2 * look.quiet_zone;
  const bool is_half = look.style == QrStyle::HalfBlocks || look.style == QrStyle::PlainBlocks;
  if (is_half) return {side, (side + 1) / 2};
  return {2 * side, side};
}

std::string svg(const QrMatrix& qr) {
  const int side = qr.size + 2 * kQuietZone;
  std::string path;
  for (int row = 0; row < qr.size; ++row) {
    for (int column = 0; column < qr.size; ++column) {
      int length = 0;
      while (qr.at(row, column + length)) ++length;
      if (length > 0) path += fmt::format("M{} {}h{}v1h-{}z", column + kQuietZone, row + kQuietZone, length, length);
      column += length;
    }
  }
  return fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" width="{1}" height="{1}" )"
                     R"(shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{2}"/></svg>)"
                     "\n", side, side * kSvgModulePixels, path);
}

std::vector<std::string> render(const QrMatrix& qr, const QrLook& look) {
  switch (look.style) {
    case QrStyle::HalfBlocks: return half_blocks(qr, look);
    case QrStyle::ColourBlocks: return colour_blocks(qr, look);
    case QrStyle::PlainBlocks: return plain_blocks(qr, look);
    case QrStyle::Ascii: break;
  }
  return ascii(qr, look);
}

}  // namespace konekwa::cli
