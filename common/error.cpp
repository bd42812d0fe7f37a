#include "common/error.h"

#include <cstdio>
#include <cstdlib>

namespace konekwa {
namespace {

struct Entry {
  std::string_view name;
  int http_status;
  int exit_code;
  bool retryable;
  std::string_view text;
};

constexpr Entry kTable[] = {
#define X(code, http_status, exit_code, retryable, text) {#code, http_status, exit_code, retryable, text},
#include "common/errors.def"
#undef X
};

const Entry& entry(ErrorCode code) { return kTable[static_cast<int>(code)]; }

}  // namespace

std::string_view to_string(ErrorCode code) { return entry(code).name; }
std::string_view default_text(ErrorCode code) { return entry(code).text; }
int http_status(ErrorCode code) { return entry(code).http_status; }
int exit_code(ErrorCode code) { return entry(code).exit_code; }
bool is_retryable(ErrorCode code) { return entry(code).retryable; }

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "assertion failed: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace konekwa
