#include <catch2/catch.hpp>

#include "cli/media_file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

const std::string kUpload = R"({"id":"med_1","media_url":"konekwa://media/med_1","size":3,"sha256":"ab"})";

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("the type of a file is known by its name") {
  CHECK(mimetype_of("/tmp/a.b/Foto.JPEG") == "image/jpeg");
  CHECK(mimetype_of("a.opus") == "audio/ogg");
  CHECK(mimetype_of("a.unknown").empty());
  CHECK(mimetype_of("/tmp/a.jpg/b").empty());
  CHECK(is_url("HTTPS://a/b"));
  CHECK_FALSE(is_url("a.jpg"));
}

TEST_CASE("an upload is shown with what send needs") {
  test::TempDir dir;
  std::ofstream(dir.file("a.jpg")) << "abc";
  FakeDaemon daemon([](const Asked&) { return Answered{201, kUpload}; });
  Program program(daemon.url());
  CHECK(program.run({"media", "upload", dir.file("a.jpg")}).out ==
        "id:         med_1\nmedia_url:  konekwa://media/med_1\nsize:       3\nsha256:     ab\n");
  CHECK(program.run({"media", "upload", dir.file("a.jpg"), "--type", "image/png", "--filename", "b.png", "-q"}).out ==
        "med_1\n");
  CHECK(daemon.asked()[1].target == "/v1/media?filename=b.png");
  CHECK(daemon.asked()[1].header("Content-Type") == "image/png");
}

TEST_CASE("an upload is shown and deleted by its id") {
  FakeDaemon daemon([](const Asked& asked) {
    return asked.method == "GET" ? Answered{200, kUpload} : Answered{200, R"({"message":"gone"})"};
  });
  Program program(daemon.url());
  CHECK(program.run({"media", "show", "med_1", "-q"}).out == "med_1\n");
  CHECK(program.run({"media", "delete", "med_1", "--yes"}).out == "gone\n");
  CHECK(daemon.asked()[1].method == "DELETE");
  CHECK(daemon.asked()[1].target == "/v1/media/med_1");
}

TEST_CASE("the file of a message goes into a file or a pipe") {
  test::TempDir dir;
  const std::string content = std::string(300'000, 'x') + std::string("\0\xff", 2);
  FakeDaemon daemon([&](const Asked&) { return Answered{200, content, "application/pdf"}; });
  Program program(daemon.url());
  CHECK(program.run({"messages", "media", "msg_1"}).out == content);
  const Ran ran = program.run({"messages", "media", "msg_1", "-o", dir.file("a.pdf")});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.empty());
  CHECK(content_of(dir.file("a.pdf")) == content);
  CHECK(daemon.asked()[0].target == "/v1/messages/msg_1/media");
  CHECK(program.run({"messages", "media", "msg_1", "-o", dir.file("none/a.pdf")}).exit_code == 2);
  program.terminal.is_tty = true;
  CHECK(program.run({"messages", "media", "msg_1"}).exit_code == 2);
}

TEST_CASE("of a file that is not there nothing is left") {
  test::TempDir dir;
  FakeDaemon daemon(
      [](const Asked&) { return Answered{409, R"({"error":{"code":"MEDIA_NOT_READY","message":"not yet"}})"}; });
  std::ofstream(dir.file("a.pdf")) << "old";
  const Ran ran = Program(daemon.url()).run({"messages", "media", "msg_1", "-o", dir.file("a.pdf")});
  CHECK(ran.exit_code == 5);
  CHECK(ran.err.starts_with("konekwa: error: not yet (MEDIA_NOT_READY)"));
  CHECK(content_of(dir.file("a.pdf")) == "old");
  CHECK(content_of(dir.file("a.pdf.part")).empty());
}

TEST_CASE("a file that is replaced keeps its permissions, and a new one has the usual ones") {
  test::TempDir dir;
  FakeDaemon daemon([](const Asked&) { return Answered{200, "new", "application/pdf"}; });
  const std::string path = dir.file("a.pdf"), link = dir.file("link.pdf");
  std::ofstream(path) << "old";
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
  CHECK(Program(daemon.url()).run({"messages", "media", "msg_1", "-o", link}).exit_code == 0);
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0640);
  CHECK(content_of(path) == "new");
  const mode_t mask = ::umask(0027);
  CHECK(Program(daemon.url()).run({"messages", "media", "msg_1", "-o", dir.file("b.pdf")}).exit_code == 0);
  ::umask(mask);
  REQUIRE(::stat(dir.file("b.pdf").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0640);
}

TEST_CASE("what cannot be written says why, before anything is asked for") {
  test::TempDir dir;
  FakeDaemon daemon([](const Asked&) { return Answered{200, "new", "application/pdf"}; });
  const auto save = [&](const std::string& path, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"messages", "media", "msg_1", "-o", path});
    return Program(daemon.url()).run(more);
  };
  const Ran nowhere = save(dir.file("none/a.pdf"));
  CHECK(nowhere.exit_code == 2);
  CHECK(nowhere.err == "konekwa: error: cannot write " + dir.file("none/a.pdf") + ": No such file or directory\n");
  CHECK(save(dir.path()).err == "konekwa: error: cannot write " + dir.path() + ": Is a directory\n");
  CHECK(daemon.asked().empty());
  const Ran full = save("/dev/full");
  CHECK(full.exit_code == 1);
  CHECK(full.err == "konekwa: error: cannot write /dev/full: No space left on device\n");
  CHECK(save("/dev/full", {"--json"}).err.starts_with(R"({"error":{"code":"OUTPUT_FAILED",)"));
}
