#include "common/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "common/journal.h"

namespace konekwa::log {
namespace {

// The priorities of syslog, for the journal.
class PriorityFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    out.push_back(digit_of(message.level));
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<PriorityFlag>(); }

 private:
  static char digit_of(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err) return '3';
    if (level == spdlog::level::warn) return '4';
    return level == spdlog::level::info ? '6' : '7';
  }
};

// The journal knows the time itself.
std::unique_ptr<spdlog::formatter> journal_format() {
  auto made = std::make_unique<spdlog::pattern_formatter>();
  made->add_flag<PriorityFlag>('P').set_pattern("<%P>%v");
  return made;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("konekwa", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    if (stderr_is_journal()) made->set_formatter(journal_format());
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warn: return spdlog::level::warn;
    case Level::Error: return spdlog::level::err;
    case Level::Off: break;
  }
  return spdlog::level::off;
}

}  // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

bool set_level(std::string_view name) {
  static constexpr std::pair<std::string_view, Level> kNames[] = {
      {"debug", Level::Debug}, {"info", Level::Info}, {"warn", Level::Warn}, {"error", Level::Error},
      {"off", Level::Off}};
  for (const auto& [text, level] : kNames) {
    if (text != name) continue;
    set_level(level);
    return true;
  }
  return false;
}

bool is_enabled(Level level) { return logger().should_log(to_spdlog(level)); }

void write(Level level, std::string_view component, std::string_view text) {
  logger().log(to_spdlog(level), "{}: {}", component, text);
}

std::string mask_phone(std::string_view number) {
  if (number.size() < 8) return std::string(number.size(), '*');
  const std::string stars(number.size() - 7, '*');
  return fmt::format("{}{}{}", number.substr(0, 4), stars, number.substr(number.size() - 3));
}

}  // namespace konekwa::log
