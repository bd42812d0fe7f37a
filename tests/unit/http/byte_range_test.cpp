#include "daemon/http/byte_range.h"

#include <string>

#include <catch2/catch.hpp>

using namespace konekwa::http;

namespace {

// "begin-end" (behind the last), "whole", or "none".
std::string read(std::string_view value, std::uint64_t size = 100) {
  const RangeAnswer answer = read_range(value, size);
  if (answer.is_unsatisfiable) return "none";
  if (!answer.range) return "whole";
  return std::to_string(answer.range->begin) + "-" + std::to_string(answer.range->end);
}

}  // namespace

TEST_CASE("one range of octets is read", "[range]") {
  CHECK(read("bytes=0-0") == "0-1");
  CHECK(read("bytes=10-19") == "10-20");
  CHECK(read("bytes=90-") == "90-100");
  CHECK(read("bytes=90-1000") == "90-100");
  CHECK(read("bytes=-10") == "90-100");
  CHECK(read("bytes=-1000") == "0-100");
}

TEST_CASE("a range behind the end cannot be satisfied", "[range]") {
  CHECK(read("bytes=100-") == "none");
  CHECK(read("bytes=200-300") == "none");
  CHECK(read("bytes=-0") == "none");
  CHECK(read("bytes=0-", 0) == "none");
}

TEST_CASE("what is no single range is the whole", "[range]") {
  for (const char* value : {"", "bytes=", "bytes=-", "bytes=5", "bytes=20-10", "bytes=0-1,5-6", "items=0-1",
                            "bytes=a-b",
                            "bytes=+1-2", "bytes=99999999999999999999999-", "bytes=1-99999999999999999999999"}) {
    CHECK(read(value) == "whole");
  }
}
