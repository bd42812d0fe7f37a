// A MediaInspector that knows what the test says, whatever the file.
#pragma once

#include "daemon/media_probe/inspector.h"

namespace konekwa::test {

class FakeInspector final : public media_probe::MediaInspector {
 public:
  explicit FakeInspector(Loop& loop) : loop_(loop) {}
  void inspect(const std::string& path, Done done) override {
    inspected.push_back(path);
    loop_.post([done = std::move(done), facts = facts] { done(facts); });
  }

  Result<media_probe::MediaFacts> facts;
  std::vector<std::string> inspected;

 private:
  Loop& loop_;
};

}  // namespace konekwa::test
