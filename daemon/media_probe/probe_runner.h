// Runs konekwa-media-probe, a process a file, and collects what it prints: on a thread of its own, which sleeps in
// poll() on the processes' outputs and ends. The caller says how many run at once, and when one has taken too long.
//
// start() and kill() from any thread; `finished` is called on the runner's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/error.h"

namespace konekwa::media_probe {

class ProbeRunner {
 public:
  // Once for every start(): what the process printed before it ended with status 0. PROTOCOL when it ended otherwise,
  // was killed or printed too much, INTERNAL_ERROR when there is no such file or program.
  using Finished = std::function<void(std::uint64_t id, Result<std::string> output)>;

  ProbeRunner(std::string program, Finished finished);
  ~ProbeRunner();   // kills what runs; nothing is called after that

  void start(std::uint64_t id, std::string path);   // the ids are the caller's
  void kill(std::uint64_t id);                      // nothing happens to one that has ended

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::media_probe
