#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/media_file.h"

namespace konekwa::cli {
namespace {

// The daemon copies its database before it answers.
constexpr Duration kCopyMax = minutes(10);
constexpr double kMegabyte = 1e6;

struct Options {
  std::string file;
  bool is_without_media = false;
};

std::string megabytes(std::uint64_t octets) {
  return fmt::format("{:.1f} MB", static_cast<double>(octets) / kMegabyte);
}

// Shown on a screen only, and only now and then.
class Meter {
 public:
  explicit Meter(Context& context) : context_(context), drawn_(context.clock.elapsed()) {}

  void add(std::size_t octets) {
    octets_ += octets;
    const Duration now = context_.clock.elapsed();
    if (!context_.is_err_tty || now - drawn_ < kInterval) return;
    context_.output.status_line(megabytes(octets_));
    drawn_ = now;
    is_drawn_ = true;
  }

  void clear() {
    if (std::exchange(is_drawn_, false)) context_.output.status_line("");
  }

  std::uint64_t octets() const { return octets_; }

 private:
  static constexpr Duration kInterval = milliseconds(500);
  Context& context_;
  Duration drawn_;
  std::uint64_t octets_ = 0;
  bool is_drawn_ = false;
};

void tell(Context& context, const Options& options, std::uint64_t octets) {
  if (options.file == "-") return;
  const Json said = {{"file", options.file}, {"bytes", octets}};
  context.output.answer({200, said.dump(), said}, {}, fmt::format("{}  {}\n", options.file, megabytes(octets)));
  context.output.note("it holds the keys of every session: keep it where nobody else reads it");
  context.output.note(fmt::format("to go on from it, on a machine without a daemon: konekwad --restore {}",
                                  options.file));
}

api::Outcome<> backup(Context& context, const Options& options) {
  if (options.file == "-" && context.terminal().is_tty) {
    return api::failed(ErrorCode::INVALID_REQUEST, "a backup does not belong on a screen", "name a file, or a pipe");
  }
  ::umask(0077);   // whoever reads it can be the phone's device
  Meter meter(context);
  const char* const target = options.is_without_media ? "/v1/backup?media=false" : "/v1/backup";
  const auto done = download_file(context, target, options.file, [&](std::size_t more) { meter.add(more); }, kCopyMax);
  meter.clear();
  if (!done) return done;
  tell(context, options, meter.octets());
  return {};
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("file", options->file, "Write it to this file; - is stdout")->required()->type_name(kFileValue);
  app.add_flag("--no-media", options->is_without_media, "Leave out pictures and other files of messages");
  return [options](Context& context) { return backup(context, *options); };
}

}  // namespace

Commands backup_commands() {
  return {{"", "backup", "Write everything that has to last into one file", "konekwa backup konekwa.tar", declare}};
}

}  // namespace konekwa::cli
