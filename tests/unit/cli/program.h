// Runs the CLI in-process: words in, exit code and both streams out. The clock jumps; the terminal is what a test says.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>

#include "cli/run.h"

namespace konekwa::cli {

class JumpingClock final : public Clock {
 public:
  Time now() const override { return start + elapsed_; }
  Duration elapsed() const override { return elapsed_; }
  bool pause(Duration duration) override {
    elapsed_ += duration;
    pauses.push_back(duration);
    if (on_pause) on_pause();
    return !is_interrupted;
  }
  bool await(int descriptor, Duration duration_max) override {
    pollfd watched{descriptor, POLLIN, 0};
    const Duration step = std::min(duration_max, answers_after - waited_);
    if (step > Duration(0)) {
      elapsed_ += step;
      waited_ += step;
      if (on_wait) on_wait();
    } else {
      if (on_arrival) on_arrival(true);
      ::poll(&watched, 1, -1);
      if (on_arrival) on_arrival(false);
      waited_ = Duration(0);
    }
    return !is_interrupted;
  }
  void before_suspension(std::function<void()> tidy, void (*)()) override { tidies = std::move(tidy); }
  bool break_on_interrupt(int told) override {
    if (std::this_thread::get_id() != owner_) return true;
    if (told >= 0) socket = told;
    if (on_socket) on_socket(told);
    return !is_interrupted;
  }

  Time start = from_unix_seconds(1'773'138'600);   // 2026-03-10T10:30:00Z
  std::vector<Duration> pauses;
  std::function<void()> on_pause;
  std::function<void(int)> on_socket;
  int socket = -1;                   // the last one that a request waited for
  std::function<void()> tidies;      // what a suspension would call
  Duration answers_after{0};         // how long each that is awaited takes
  std::function<void()> on_wait;     // as it goes by
  std::function<void(bool)> on_arrival;   // whether answers may come; otherwise none must
  bool is_interrupted = false;

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
  Duration elapsed_{0}, waited_{0};
};

struct Ran {
  int exit_code = 0;
  std::string out, err;
};

class Program {
 public:
  explicit Program(std::string url = {}) : url_(std::move(url)) {}

  Ran run(std::vector<std::string> words, const std::string& input = {}) {
    if (!url_.empty()) words.insert(words.end(), {"--url", url_});
    ::setenv("XDG_CONFIG_HOME", config_home.c_str(), 1);   // that of whoever runs the tests is not asked
    std::istringstream in(input);
    std::ostringstream out, err;
    World world{in, is_typing, out, err, clock, [this] { return terminal; }};
    world.err_terminal = [this] { return err_terminal; };
    world.language = language;
    const int code = cli::run(words, world);
    return {code, out.str(), err.str()};
  }

  JumpingClock clock;
  Terminal terminal, err_terminal;   // none, unless a test says so
  bool is_typing = false;     // somebody types into stdin
  Language language = Language::English;
  std::string config_home = "/nonexistent";

 private:
  std::string url_;
};

}  // namespace konekwa::cli
