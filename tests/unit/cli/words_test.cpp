#include "cli/words.h"

#include <cstdlib>

#include "cli/hint.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

using namespace konekwa;
using namespace konekwa::cli;

namespace {

constexpr ErrorCode kCodes[] = {
#define X(code, http_status, exit_code, retryable, text) ErrorCode::code,
#include "common/errors.def"
#undef X
};

}  // namespace

TEST_CASE("a failure is told in Indonesian with its code, its details and its commands as they are") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{404, R"({"error":{"code":"SESSION_NOT_FOUND",)"
                         R"("message":"there is no such session","details":"ses_x"}})"};
  });
  Program konekwa(daemon.url());
  konekwa.language = Language::Indonesian;
  const Ran ran = konekwa.run({"sessions", "show", "ses_x"});
  CHECK(ran.exit_code == 3);
  CHECK(ran.out.empty());
  CHECK(ran.err.find("konekwa: galat: sesi tidak ditemukan: ses_x (SESSION_NOT_FOUND)\n") == 0);
  CHECK(ran.err.find("konekwa: petunjuk: konekwa sessions list menampilkan semua sesi\n") != std::string::npos);
}

TEST_CASE("what is wrong with a command line is told in Indonesian, its words as they are") {
  struct Wrong {
    std::vector<std::string> words;
    const char* told;
  };
  const Wrong kWrong[] = {
      {{"qr", "a", "b"}, "ada kata yang berlebih: 'b'"},
      {{"qr", "a", "b", "c"}, "ada kata yang berlebih: 'b'"},
      {{"qr", "a", "--sgv", "c"}, "tidak ada opsi --sgv"},
      {{"qqr"}, "tidak ada perintah 'qqr'"},
      {{"pair"}, "name wajib diisi"},
      {{"qr", "--png"}, "--png membutuhkan nilai"},
      {{"qr", "--png", "a", "--svg", "b"}, "--png tidak dapat dipakai bersama --svg"},
      {{"qr", "--timeout", "besok"}, "--timeout: bukan durasi: 'besok'; tulis 30s, 5m, atau 2h"},
  };
  Program konekwa;
  konekwa.language = Language::Indonesian;
  for (const Wrong& wrong : kWrong) {
    INFO(wrong.told);
    const Ran ran = konekwa.run(wrong.words);
    CHECK(ran.exit_code == 2);
    CHECK(ran.err.find(std::string("konekwa: galat: ") + wrong.told + "\n") == 0);
  }
}

TEST_CASE("the text of a code, then our own phrases, then those of the daemon") {
  const auto told = [](ErrorCode code, const char* message) {
    return told_in(Language::Indonesian, api::Failure(Error(code, message, ""))).error.message;
  };
  CHECK(told(ErrorCode::TIMEOUT, "the message is QUEUED after 5s") == "pesan masih QUEUED setelah 5s");
  CHECK(told(ErrorCode::CONFLICT, "the message is FAILED") == "pesan berstatus FAILED");
  CHECK(told(ErrorCode::SESSION_NOT_ACTIVE, "the session is logged out") == "sesi sudah keluar (logged out)");
}

TEST_CASE("with --json the error object of the API is left alone") {
  const std::string body = R"({"error":{"code":"SESSION_NOT_FOUND","message":"there is no such session"}})";
  FakeDaemon daemon([&](const Asked&) { return Answered{404, body}; });
  Program konekwa(daemon.url());
  konekwa.language = Language::Indonesian;
  CHECK(konekwa.run({"sessions", "show", "ses_x", "--json"}).err == body + "\n");
}

TEST_CASE("every hint that follows from a code is there in Indonesian") {
  for (const ErrorCode code : kCodes) {
    api::Failure failure{Error(code)};
    failure.hint = hint_for(failure);
    if (failure.hint.empty()) continue;
    INFO(to_string(code));
    CHECK(told_in(Language::Indonesian, failure).hint != failure.hint);
    CHECK(told_in(Language::English, failure).hint == failure.hint);
  }
}

TEST_CASE("a hint and a message of another kind stay as they are") {
  const api::Failure failure(Error(ErrorCode::SESSION_NOT_FOUND, "words of this program", ""), "konekwa qr --help");
  const api::Failure told = told_in(Language::Indonesian, failure);
  CHECK(told.error.message == "words of this program");
  CHECK(told.hint == "konekwa qr --help");
}

TEST_CASE("the first variable of the locale that is set decides") {
  const auto with = [](const char* all, const char* messages, const char* lang) {
    ::setenv("LC_ALL", all, 1);
    ::setenv("LC_MESSAGES", messages, 1);
    ::setenv("LANG", lang, 1);
    const Language language = language_of_environment();
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) ::unsetenv(name);
    return language;
  };
  CHECK(with("", "", "id_ID.UTF-8") == Language::Indonesian);
  CHECK(with("", "id_ID", "en_US.UTF-8") == Language::Indonesian);
  CHECK(with("C.UTF-8", "id_ID", "id_ID") == Language::English);
  CHECK(with("", "", "") == Language::English);
}
