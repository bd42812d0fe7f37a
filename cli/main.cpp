// The program konekwa.
#include "cli/run.h"

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>

#include <unistd.h>

#include "cli/words.h"
#include "common/standard_descriptors.h"

namespace {

// Options that may carry a secret: a key, the password of a proxy, what a receiver of webhooks is to be shown.
constexpr std::string_view kSecretOptions[] = {"--api-key", "--proxy", "--header"};

// Everybody may read the command line of a process while it runs. A secret that is given there stays a moment only.
void hide_secrets(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    for (const std::string_view option : kSecretOptions) {
      const std::string_view word = argv[i];
      if (!word.starts_with(option)) continue;
      char* secret = word.size() == option.size() ? argv[i + 1] : argv[i] + option.size() + 1;   // argv ends with null
      const bool is_this = word.size() == option.size() || word[option.size()] == '=';
      if (is_this && secret != nullptr) std::memset(secret, 'x', std::strlen(secret));
    }
  }
}

// Which characters the terminal takes, and how wide they are. A locale that comes along over ssh need not be installed
// here; the terminal takes UTF-8 all the same.
void set_letters() {
  if (std::setlocale(LC_CTYPE, "") != nullptr) return;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = std::getenv(name) == nullptr ? "" : std::getenv(name);
    if (locale.empty()) continue;
    const bool is_utf8 = locale.ends_with("UTF-8") || locale.ends_with("utf8");
    std::setlocale(LC_CTYPE, is_utf8 ? "C.UTF-8" : "C");
    return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  konekwa::occupy_standard_descriptors();
  set_letters();
  std::signal(SIGPIPE, SIG_IGN);            // a peer or a pipe that goes away is an error of the write
  const std::vector<std::string> words(argv + 1, argv + argc);
  hide_secrets(argc, argv);
  konekwa::cli::SystemClock clock;
  konekwa::cli::World world{std::cin,
                            ::isatty(STDIN_FILENO) == 1,
                            std::cout,
                            std::cerr,
                            clock,
                            [] { return konekwa::cli::look_at(STDOUT_FILENO); },
                            [] { return konekwa::cli::look_at(STDERR_FILENO); },
                            konekwa::cli::language_of_environment()};
  const int exit_code = konekwa::cli::run(words, world);
  konekwa::cli::SystemClock::end_as_asked();
  return exit_code;
}
