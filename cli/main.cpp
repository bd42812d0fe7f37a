#include <clocale>
#include <csignal>
#include <iostream>

#include "cli/run.h"

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");             // which characters the terminal takes, and how wide they are
  std::signal(SIGPIPE, SIG_IGN);            // a peer or a pipe that goes away is an error of the write
  konekwa::cli::SystemClock clock;
  konekwa::cli::World world{std::cin, std::cout, std::cerr, clock, konekwa::cli::look_at_stdout};
  return konekwa::cli::run({argv + 1, argv + argc}, world);
}
