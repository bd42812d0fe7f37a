#include "daemon/store/media_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "common/sha256.h"
#include "tests/support/temp_dir.h"

namespace konekwa::store {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

Bytes hash_of(std::string_view content) {
  Sha256 hash;
  hash.add(as_bytes(content));
  return hash.finish();
}

std::string write_temporary(MediaFiles& files, const std::string& content) {
  const std::string path = files.temporary_path();
  std::ofstream(path) << content;
  return path;
}

void keep(MediaFiles& files, const std::string& content) {
  REQUIRE(files.adopt(write_temporary(files, content), hash_of(content)));
}

std::string content_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

Time far() { return from_unix_seconds(4'000'000'000); }

TEST_CASE("a hash of pieces is the hash of the whole", "[media_files]") {
  Sha256 hash;
  hash.add(as_bytes("a"));
  hash.add({});
  hash.add(as_bytes("bc"));
  CHECK(to_hex(hash.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a file that is adopted is found under its hash", "[media_files]") {
  TempDir dir;
  MediaFiles files(dir.path());
  const std::string temporary = write_temporary(files, "hello");
  const Bytes hash = hash_of("hello");
  CHECK_FALSE(files.has(hash));
  REQUIRE(files.adopt(temporary, hash));
  CHECK(files.has(hash));
  CHECK(content_of(files.path_of(hash)) == "hello");
  CHECK(files.path_of(hash) == dir.file("media/2c/" + to_hex(hash)));
  CHECK_FALSE(fs::exists(temporary));
  struct stat info {};
  REQUIRE(::stat(dir.file("media").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
}

TEST_CASE("the same content twice is one file", "[media_files]") {
  TempDir dir;
  MediaFiles files(dir.path());
  keep(files, "hello");
  const std::string again = write_temporary(files, "hello");
  REQUIRE(files.adopt(again, hash_of("hello")));
  CHECK_FALSE(fs::exists(again));
  CHECK(files.bytes_used() == 5);
}

TEST_CASE("what is used is counted, also by who comes later", "[media_files]") {
  TempDir dir;
  MediaFiles files(dir.path());
  CHECK(files.bytes_used() == 0);
  keep(files, "hello");
  keep(files, "you");
  CHECK(files.bytes_used() == 8);
  CHECK(MediaFiles(dir.path()).bytes_used() == 8);
  files.erase(hash_of("hello"));
  files.erase(hash_of("hello"));
  CHECK(files.bytes_used() == 3);
  CHECK_FALSE(files.has(hash_of("hello")));
}

TEST_CASE("names of temporary files differ, and what is left of them goes", "[media_files]") {
  TempDir dir;
  MediaFiles files(dir.path());
  files.clear_temporary();
  const std::string one = write_temporary(files, "a");
  CHECK(one != files.temporary_path());
  keep(files, "kept");
  files.clear_temporary();
  CHECK_FALSE(fs::exists(one));
  CHECK(files.has(hash_of("kept")));
}

TEST_CASE("what is not there cannot be adopted", "[media_files]") {
  TempDir dir;
  MediaFiles files(dir.path());
  const auto done = files.adopt(files.temporary_path(), hash_of("x"));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK_FALSE(files.has({}));
}

TEST_CASE("old files that nobody uses are swept", "[media_files]") {
  TempDir dir;
  MediaFiles files(dir.path());
  keep(files, "used");
  keep(files, "unused");
  const auto is_used = [](ByteView sha256) { return to_bytes(sha256) == hash_of("used"); };
  CHECK(files.sweep(from_unix_seconds(1), is_used) == 0);
  CHECK(files.sweep(far(), is_used) == 1);
  CHECK(files.has(hash_of("used")));
  CHECK_FALSE(files.has(hash_of("unused")));
  CHECK(files.bytes_used() == 4);
}

TEST_CASE("content that is adopted again is young again", "[media_files]") {
  TempDir dir;
  MediaFiles files(dir.path());
  keep(files, "hello");
  const timespec old[2] = {{1'000, 0}, {1'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, files.path_of(hash_of("hello")).c_str(), old, 0) == 0);
  keep(files, "hello");
  CHECK(files.sweep(from_unix_seconds(1'000'000'000), [](ByteView) { return false; }) == 0);
  CHECK(files.has(hash_of("hello")));
}

}  // namespace
}  // namespace konekwa::store
