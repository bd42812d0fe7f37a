// A QR code as lines of text for a terminal, or as a drawing. Pure: bytes in, lines out.
//
// A camera needs dark modules on a light ground with a light margin, and a terminal has the colours of its owner's
// theme. So both colours are always painted, from the fixed part of the 256-colour palette, which themes do not
// redefine: 16 is black, 231 is white. Where that is not known, black and white of the first eight, which themes leave
// far enough apart. With no colours at all, a dark module is a letter: half a block, or "##".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace konekwa::cli {

inline constexpr int kQuietZone = 4;        // modules around the code, by the standard
inline constexpr int kQuietZoneSmall = 2;   // still read by phones; for terminals that are nearly too small

struct QrMatrix {
  int size = 0;                // modules a side
  std::vector<bool> dark;      // size * size, by rows
  bool at(int row, int column) const;   // light outside
};

// Error correction L, the smallest code for the text. Nothing when the text is too long for any QR code.
std::optional<QrMatrix> make_qr(std::string_view text);

enum class QrStyle {
  HalfBlocks,     // two modules a cell, one above the other
  ColourBlocks,   // two cells a module, by background colours: terminals without UTF-8
  PlainBlocks,    // like HalfBlocks, in the colour of letters
  Ascii,          // two cells a module, "##" and spaces: no colours
};

struct QrLook {
  QrStyle style = QrStyle::HalfBlocks;
  int quiet_zone = kQuietZone;
  bool is_inverted = false;    // light and dark exchanged
  bool has_palette = true;     // else eight colours are known
};

QrStyle style_for(const Terminal& terminal);
bool is_made_of_letters(QrStyle style);   // so that its shades are those of the theme

struct QrExtent {
  int columns = 0, rows = 0;
};
QrExtent extent(const QrMatrix& qr, const QrLook& look);

std::vector<std::string> render(const QrMatrix& qr, const QrLook& look);   // without line ends

std::string svg(const QrMatrix& qr);   // a drawing of the same, of any size

}  // namespace konekwa::cli
