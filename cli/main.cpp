// The program konekwa.
#include "cli/run.h"

#include <clocale>
#include <csignal>
#include <iostream>

#include <unistd.h>

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");             // which characters the terminal takes, and how wide they are
  std::signal(SIGPIPE, SIG_IGN);            // a peer or a pipe that goes away is an error of the write
  konekwa::cli::SystemClock clock;
  const bool is_in_tty = ::isatty(STDIN_FILENO) == 1;
  konekwa::cli::World world{std::cin, is_in_tty, std::cout, std::cerr, clock, konekwa::cli::look_at_stdout};
  return konekwa::cli::run({argv + 1, argv + argc}, world);
}
