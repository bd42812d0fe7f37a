#include "cli/qr_page.h"

#include <fmt/format.h>

#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr int kLinesAround = 2;   // the line above and the countdown below
constexpr const char* kTitle = "In WhatsApp on the phone: Linked devices, Link a device";

QrStyle style_of(const Terminal& terminal, const QrRequest& request) {
  return request.is_ascii ? QrStyle::Ascii : style_for(terminal);
}

std::vector<std::string> what_it_takes(const QrExtent& least, const Terminal& terminal, const Output& output,
                                       const QrRequest& request) {
  std::vector<std::string> lines;
  for (const std::string& words :
       {fmt::format("the code needs {} columns and {} rows, this terminal has {} and {}:", least.columns,
                    least.rows + kLinesAround, terminal.columns, terminal.rows),
        std::string("enlarge it or make its letters smaller; or stop with Ctrl-C and get a picture:"),
        fmt::format("konekwa qr {} --png qr.png", printable(request.session))}) {
    for (std::string& line : wrapped(output.told(words), terminal.columns)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

QrDrawing draw_qr(const std::string& text, const Terminal& terminal, const Output& output, const QrRequest& request) {
  const auto qr = make_qr(text);
  if (!qr) return {wrapped(output.told("the text is too long for a QR code"), terminal.columns)};
  QrLook look{style_of(terminal, request), kQuietZone, request.is_inverted, terminal.has_palette};
  if (!terminal.is_tty) return {render(*qr, look), true};
  for (int quiet_zone : {kQuietZone, kQuietZoneSmall}) {
    look.quiet_zone = quiet_zone;
    const QrExtent size = extent(*qr, look);
    if (size.columns <= terminal.columns && size.rows + kLinesAround <= terminal.rows) return {render(*qr, look), true};
  }
  return {what_it_takes(extent(*qr, look), terminal, output, request)};
}

std::vector<std::string> qr_page(const std::string& text, const Terminal& terminal, const Output& output,
                                 const QrRequest& request) {
  QrDrawing drawing = draw_qr(text, terminal, output, request);
  if (!drawing.is_code) return drawing.lines;
  const std::string title = output.told(kTitle), advice = output.told(qr_advice(terminal, request));
  const std::string in_one = advice.empty() ? title : fmt::format("{}; {}", title, advice);
  std::vector<std::string> lines = {in_one};
  if (display_width(in_one) > terminal.columns) {
    lines = wrapped(title, terminal.columns);
    if (!advice.empty()) {
      for (std::string& line : wrapped(advice, terminal.columns)) lines.push_back(std::move(line));
    }
  }
  const bool has_room = static_cast<int>(lines.size() + drawing.lines.size()) < terminal.rows;
  if (terminal.is_tty && !has_room) lines = {shortened(in_one, terminal.columns)};   // rows are scarce
  for (std::string& line : drawing.lines) lines.push_back(std::move(line));
  return lines;
}

std::string qr_advice(const Terminal& terminal, const QrRequest& request) {
  const bool is_sure = !is_made_of_letters(style_of(terminal, request)) || request.is_inverted;
  return is_sure ? "" : "light letters on a dark ground? add --invert";
}

}  // namespace konekwa::cli
