// Log lines to stderr: one line, level, component, text. Never a body, token, key, QR text or full phone number.
// Any thread.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace konekwa::log {

enum class Level { Debug, Info, Warn, Error, Off };

void set_level(Level level);
bool set_level(std::string_view name);  // "debug", "info", "warn", "error", "off"; false when it is none of them
void write(Level level, std::string_view component, std::string_view text);
bool is_enabled(Level level);

template <class... Args>
void debug(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  if (is_enabled(Level::Debug)) write(Level::Debug, component, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  if (is_enabled(Level::Info)) write(Level::Info, component, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  if (is_enabled(Level::Warn)) write(Level::Warn, component, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  if (is_enabled(Level::Error)) write(Level::Error, component, fmt::format(text, std::forward<Args>(args)...));
}

std::string mask_phone(std::string_view number);  // "6281*****890"

}  // namespace konekwa::log
