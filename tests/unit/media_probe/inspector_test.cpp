#include "daemon/media_probe/inspector.h"

#include "daemon/media_probe/limits.h"
#include "tests/unit/media_probe/fake_probe.h"
#include "tests/unit/media_probe/sample_files.h"
#include "tests/unit/media_probe/waiting_loop.h"

namespace konekwa::media_probe {
namespace {

using test::FakeProbe;
using test::kHangs;
using test::WaitingLoop;

// An inspector and what it answered, in order.
class Inspection {
 public:
  explicit Inspection(const std::string& program) : inspector(make_media_inspector(loop, program)) {}

  void ask(const std::string& path) {
    inspector->inspect(path, [this](Result<MediaFacts> facts) { answers.push_back(std::move(facts)); });
  }
  bool wait_for(std::size_t count) {
    return loop.wait_until([&] { return answers.size() >= count; });
  }
  Result<MediaFacts> answer_to(const std::string& path) {
    ask(path);
    REQUIRE(wait_for(1));
    return answers.front();
  }

  WaitingLoop loop;
  std::vector<Result<MediaFacts>> answers;
  std::unique_ptr<MediaInspector> inspector;
};

Error failure_of(const std::string& script) {
  const FakeProbe fake(script);
  Inspection inspection(fake.program());
  const auto answer = inspection.answer_to(fake.media());
  REQUIRE_FALSE(answer);
  return answer.error();
}

TEST_CASE("the facts of a file come from the program") {
  Inspection inspection(test::probe_program());
  const auto facts = inspection.answer_to(test::sample_path("photo.jpg"));
  REQUIRE(facts);
  CHECK(facts->mimetype == "image/jpeg");
  CHECK(facts->width == 160);
  CHECK(facts->height == 120);
  CHECK_FALSE(facts->thumbnail.empty());
}

TEST_CASE("many files are looked into one after the other") {
  Inspection inspection(test::probe_program());
  for (const std::string& name : test::sample_names()) inspection.ask(test::sample_path(name));
  const std::size_t count = test::sample_names().size();
  REQUIRE(inspection.wait_for(count));
  CHECK(inspection.answers.size() == count);
  CHECK(std::all_of(inspection.answers.begin(), inspection.answers.end(),
                    [](const auto& answer) { return answer && !answer->mimetype.empty(); }));
}

TEST_CASE("the program reads the file as its input, and has nothing else of ours") {
  const FakeProbe fake(R"(read -r line; [ "$line" = media ] && [ ! -e /proc/self/fd/77 ] && [ -z "$HOME$USER" ] &&
    echo '{"seconds":5}')");
  const int kept_open = ::dup2(STDERR_FILENO, 77);
  Inspection inspection(fake.program());
  const auto facts = inspection.answer_to(fake.media());
  ::close(kept_open);
  REQUIRE(facts);
  CHECK(facts->seconds == 5);
}

TEST_CASE("a program that takes too long is killed, and the answer is TIMEOUT") {
  FakeProbe fake(kHangs);
  Inspection inspection(fake.program());
  inspection.ask(fake.media());
  REQUIRE(fake.has_started());
  inspection.loop.manual().advance(kTimeMax - milliseconds(1));
  CHECK(inspection.answers.empty());
  inspection.loop.manual().advance(milliseconds(1));
  REQUIRE(inspection.answers.size() == 1);
  CHECK(inspection.answers[0].error().code == ErrorCode::TIMEOUT);
  CHECK(fake.has_gone());
}

TEST_CASE("two run at once; the next begins when one has ended") {
  FakeProbe fake(kHangs);
  Inspection inspection(fake.program());
  for (int i = 0; i < 3; ++i) inspection.ask(fake.media());
  REQUIRE(fake.has_started(2));
  inspection.loop.manual().advance(kTimeMax);
  CHECK(inspection.answers.size() == 2);
  REQUIRE(inspection.loop.wait_until([&] { return inspection.loop.manual().next_timer().has_value(); }));
  REQUIRE(fake.has_started());
  inspection.loop.manual().advance(kTimeMax);
  CHECK(inspection.answers.size() == 3);
  CHECK(fake.has_gone());
}

TEST_CASE("a program that breaks, or says what cannot be, costs the facts only") {
  CHECK(failure_of("kill -SEGV $$").text() == "the peer broke the protocol: the media probe was ended by signal 11");
  CHECK(failure_of("echo '{}'; exit 3").text() == "the peer broke the protocol: the media probe ended with status 3");
  CHECK(failure_of("echo garbage").code == ErrorCode::PROTOCOL);
  CHECK(failure_of("echo '{\"width\":70000,\"height\":1}'").code == ErrorCode::PROTOCOL);
  CHECK(failure_of("exec 1>&-").code == ErrorCode::PROTOCOL);
}

TEST_CASE("a program that does not stop talking is killed") {
  const Error error = failure_of("exec /bin/cat /dev/zero");
  CHECK(error.code == ErrorCode::PROTOCOL);
  CHECK(error.details == "the media probe's answer is too long");
}

TEST_CASE("what a program leaves behind is killed with it") {
  FakeProbe fake("exec 3>$pipe; /bin/sleep 1000 & echo '{\"seconds\":1}'");
  Inspection inspection(fake.program());
  const auto facts = inspection.answer_to(fake.media());
  REQUIRE(facts);
  CHECK(facts->seconds == 1);
  CHECK(fake.has_gone());
}

TEST_CASE("without the program or the file there is an error") {
  const FakeProbe fake("echo '{}'");
  CHECK(Inspection("/nonexistent/probe").answer_to(fake.media()).error().code == ErrorCode::INTERNAL_ERROR);
  CHECK(Inspection(fake.program()).answer_to("/nonexistent/file").error().code == ErrorCode::INTERNAL_ERROR);
  CHECK(Inspection(fake.program()).answer_to("/").error().code == ErrorCode::INTERNAL_ERROR);
  CHECK(Inspection(fake.program()).answer_to(fake.pipe_path()).error().code == ErrorCode::INTERNAL_ERROR);
}

TEST_CASE("destroying the inspector kills what runs and answers nobody") {
  FakeProbe fake(kHangs);
  Inspection inspection(fake.program());
  for (int i = 0; i < 3; ++i) inspection.ask(fake.media());
  REQUIRE(fake.has_started(2));
  inspection.inspector.reset();
  CHECK(fake.has_gone());
  inspection.loop.manual().advance(minutes(1));
  CHECK(inspection.answers.empty());
}

TEST_CASE("the inspector may be destroyed by an answer") {
  const FakeProbe fake("echo '{}'");
  WaitingLoop loop;
  auto inspector = make_media_inspector(loop, fake.program());
  bool is_answered = false;
  inspector->inspect(fake.media(), [&](const Result<MediaFacts>&) {
    inspector.reset();
    is_answered = true;
  });
  CHECK(loop.wait_until([&] { return is_answered; }));
}

TEST_CASE("too many that wait are refused") {
  FakeProbe fake(kHangs);
  Inspection inspection(fake.program());
  for (int i = 0; i < 1'003; ++i) inspection.ask(fake.media());
  inspection.loop.manual().run_until_idle();
  REQUIRE(inspection.answers.size() == 1);
  CHECK(inspection.answers[0].error().code == ErrorCode::QUEUE_FULL);
}

}  // namespace
}  // namespace konekwa::media_probe
