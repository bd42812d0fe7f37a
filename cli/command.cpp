#include "cli/command.h"

#include <istream>
#include <iterator>

#include <fmt/format.h>

namespace konekwa::cli {

Commands all_commands() {
  Commands out;
  for (const auto& commands_of_noun : {send_commands, qr_commands, sessions_commands, messages_commands,
                                       tokens_commands, health_commands, sandbox_commands}) {
    Commands more = commands_of_noun();
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  return out;
}

std::string noun_summary(const std::string& noun) {
  static const std::pair<const char*, const char*> kSummaries[] = {
      {"sessions", "Manage linked WhatsApp numbers"},
      {"messages", "Look at messages, sent and received"},
      {"tokens", "Manage API keys"},
      {"sandbox", "Act as the phones of the simulated WhatsApp"},
  };
  for (const auto& [name, summary] : kSummaries) {
    if (noun == name) return summary;
  }
  return {};
}

std::string duration_problem(const std::string& text) {
  return parse_duration(text) ? std::string() : fmt::format("not a duration: '{}'; write 30s, 5m or 2h", text);
}

Duration duration_of(const std::string& checked_text) {
  const auto duration = parse_duration(checked_text);
  KONEKWA_ASSERT(duration.has_value());
  return *duration;
}

api::Outcome<std::string> text_or_stdin(const Context& context, const std::string& value, std::size_t bytes_max) {
  if (value != "-") return value;
  if (context.is_in_tty) context.output.note("type the text, end it with Ctrl-D on a line of its own");
  std::string text(bytes_max + 2, '\0');   // room for the line end, and for one octet too many
  context.in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(context.in.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.size() > bytes_max) {
    return api::failed(ErrorCode::INVALID_REQUEST, fmt::format("stdin holds more than {} bytes", bytes_max));
  }
  return text;
}

}  // namespace konekwa::cli
