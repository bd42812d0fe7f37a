// The program konekwa.
#include "cli/run.h"

#include <clocale>
#include <csignal>
#include <cstring>
#include <iostream>
#include <string_view>

#include <unistd.h>

#include "cli/words.h"
#include "common/standard_descriptors.h"

namespace {

// Everybody may read the command line of a process while it runs. A key that is given there stays a moment only.
void hide_secrets(int argc, char** argv) {
  constexpr std::string_view option = "--api-key", with_value = "--api-key=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    char* secret = word.starts_with(with_value) ? argv[i] + with_value.size() : nullptr;
    if (word == option && i + 1 < argc) secret = argv[i + 1];
    if (secret != nullptr) std::memset(secret, 'x', std::strlen(secret));
  }
}

}  // namespace

int main(int argc, char** argv) {
  konekwa::occupy_standard_descriptors();
  std::setlocale(LC_CTYPE, "");             // which characters the terminal takes, and how wide they are
  std::signal(SIGPIPE, SIG_IGN);            // a peer or a pipe that goes away is an error of the write
  const std::vector<std::string> words(argv + 1, argv + argc);
  hide_secrets(argc, argv);
  konekwa::cli::SystemClock clock;
  konekwa::cli::World world{std::cin,
                            ::isatty(STDIN_FILENO) == 1,
                            std::cout,
                            std::cerr,
                            clock,
                            konekwa::cli::look_at_stdout,
                            konekwa::cli::has_cursor(STDERR_FILENO),
                            konekwa::cli::shows_colour(STDERR_FILENO),
                            konekwa::cli::language_of_environment()};
  const int exit_code = konekwa::cli::run(words, world);
  konekwa::cli::SystemClock::end_as_asked();
  return exit_code;
}
