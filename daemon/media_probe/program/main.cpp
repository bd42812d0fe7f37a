// The program konekwa-media-probe: a media file as standard input, what it is and shows as JSON on standard output. It
// confines itself before it reads.
#include <cstdlib>
#include <exception>

#include <unistd.h>

#include "daemon/media_probe/facts_json.h"
#include "daemon/media_probe/program/confinement.h"
#include "daemon/media_probe/program/inspect_file.h"
#include "daemon/media_probe/program/self_test.h"

namespace {

using namespace std::literals;

constexpr int kExitUsage = 64;     // of sysexits.h
constexpr int kExitSystem = 71;

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool write_error(std::string_view text) { return ::write(STDERR_FILENO, text.data(), text.size()) > 0; }

int inspect() {
  const auto file = konekwa::media_probe::MediaFile::of(STDIN_FILENO);
  if (!file) return EXIT_FAILURE;
  return write_all(konekwa::media_probe::write_media_facts(konekwa::media_probe::inspect_file(*file))) ? EXIT_SUCCESS
                                                                                                       : EXIT_FAILURE;
}

int run(int argc, char** argv) {
  const bool is_self_test = argc == 3 && argv[1] == "--self-test"sv;
  if (argc != 1 && !is_self_test) {
    write_error("usage: konekwa-media-probe <FILE: what the file is, as JSON. konekwad runs it.\n");
    return kExitUsage;
  }
  if (const auto problem = konekwa::media_probe::confine(); !problem.empty()) {
    write_error("konekwa-media-probe: " + problem + "\n");
    return kExitSystem;
  }
  if (is_self_test) return konekwa::media_probe::is_refused(argv[2]) ? EXIT_SUCCESS : EXIT_FAILURE;
  return inspect();
}

}  // namespace

int main(int argc, char** argv) {
  int status = EXIT_FAILURE;
  try {
    status = run(argc, argv);
  } catch (const std::exception&) {   // out of memory, by the limit of it
  }
  ::_exit(status);   // libraries' last wishes might be calls that are not allowed
}
