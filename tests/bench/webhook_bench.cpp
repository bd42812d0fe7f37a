// How webhooks fare when some receivers are bad: the daemon's own store, writer, dispatcher and web client send events
// to many receivers, of which four hang, answer 500, drip a byte a second and reset. Then the same with all of them
// good. The receivers are another process, on ports of their own, and see the order within each chat and how long each
// event took from its commit to its arrival.
//
// webhook_bench FOLDER [EVENTS 100000] [PER_SECOND 1000] [RECEIVERS 100]
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/log.h"
#include "common/webhook_signature.h"
#include "daemon/events/event_log.h"
#include "daemon/events/webhook_dispatcher.h"
#include "daemon/net/web_client.h"
#include "daemon/store/store.h"
#include "daemon/wa/io/asio_loop.h"

using namespace konekwa;

namespace {

constexpr int kReceiversMax = 1'000;
constexpr int kChats = 10;            // of a receiver
constexpr int kBuckets = 60'000;      // of latencies, one a millisecond; the last holds all that took longer

enum class Manner : int { Good, Hangs, Fails, Drips, Resets };

struct Options {
  std::string folder;
  int events = 100'000;
  int per_second = 1'000;
  int receivers = 100;
};

// What the receivers have seen, shared between the two processes.
struct Seen {
  std::array<std::atomic<int>, kReceiversMax> received;   // different events
  std::array<std::uint16_t, kReceiversMax> ports;
  std::atomic<int> repeated, out_of_order;
  std::array<std::atomic<int>, kBuckets> latencies;       // of good receivers
};

std::int64_t now_ms() {
  static const wa::io::AsioLoop clock;
  return unix_ms(clock.now());
}

void rest_ms(int duration) { ::poll(nullptr, 0, duration); }

Manner manner_of(int receiver, bool with_bad_ones) {
  return with_bad_ones && receiver < 4 ? static_cast<Manner>(receiver + 1) : Manner::Good;
}

// The number after `name` in an envelope, which the bench has made itself.
std::int64_t number_of(std::string_view body, std::string_view name) {
  const std::size_t at = body.find(name);
  std::int64_t out = -1;
  if (at != std::string_view::npos) std::from_chars(body.data() + at + name.size(), body.data() + body.size(), out);
  return out;
}

// One thread for all receivers.
class Receivers {
 public:
  Receivers(Seen& seen, int count, bool with_bad_ones) : seen_(seen), with_bad_ones_(with_bad_ones) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    last_.assign(static_cast<std::size_t>(count), std::vector<std::int64_t>(kChats, -1));
    for (int i = 0; i < count; ++i) listen(i);
  }

  [[noreturn]] void run() {
    std::int64_t dripped_at = now_ms();
    for (;;) {
      std::array<epoll_event, 256> events;
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < count; ++i) handle(static_cast<int>(events[static_cast<std::size_t>(i)].data.fd));
      if (now_ms() - dripped_at < 1'000) continue;
      dripped_at = now_ms();
      for (auto& [fd, connection] : connections_) {
        if (connection.drips) std::ignore = ::write(fd, "x", 1);
      }
    }
  }

 private:
  struct Connection {
    int receiver = 0;
    std::string buffer;
    bool drips = false;
  };

  void listen(int receiver) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 256) != 0) std::abort();
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    seen_.ports[static_cast<std::size_t>(receiver)] = ntohs(address.sin_port);
    listeners_[fd] = receiver;
    watch(fd);
  }

  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void handle(int fd) {
    if (const auto listener = listeners_.find(fd); listener != listeners_.end()) return accept(fd, listener->second);
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    std::array<char, 16 * 1024> piece;
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got <= 0) return close(fd);
    found->second.buffer.append(piece.data(), static_cast<std::size_t>(got));
    take_requests(fd, found->second);
  }

  void accept(int listener, int receiver) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    connections_[fd].receiver = receiver;
    watch(fd);
  }

  void close(int fd) {
    connections_.erase(fd);
    ::close(fd);
  }

  void take_requests(int fd, Connection& connection) {
    std::string& buffer = connection.buffer;
    for (;;) {
      const std::size_t end = buffer.find("\r\n\r\n");
      if (end == std::string::npos) return;
      const std::int64_t length = number_of(std::string_view(buffer).substr(0, end), "Content-Length: ");
      const std::size_t whole = end + 4 + static_cast<std::size_t>(std::max<std::int64_t>(length, 0));
      if (buffer.size() < whole) return;
      const std::string body = buffer.substr(end + 4, whole - end - 4);
      buffer.erase(0, whole);
      if (!answer(fd, connection, body)) return;
    }
  }

  // False when the connection is gone.
  bool answer(int fd, Connection& connection, const std::string& body) {
    const auto say = [fd](std::string_view text) { std::ignore = ::write(fd, text.data(), text.size()); };
    switch (manner_of(connection.receiver, with_bad_ones_)) {
      case Manner::Good: note(connection.receiver, body); say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); break;
      case Manner::Hangs: break;
      case Manner::Fails: say("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"); break;
      case Manner::Drips: say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"); connection.drips = true; break;
      case Manner::Resets: {
        const linger hard{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close(fd);
        return false;
      }
    }
    return true;
  }

  void note(int receiver, std::string_view body) {
    const auto chat = static_cast<std::size_t>(number_of(body, "\"chat\":"));
    const std::int64_t number = number_of(body, "\"n\":"), made = number_of(body, "\"made_ms\":");
    std::int64_t& last = last_.at(static_cast<std::size_t>(receiver)).at(chat);
    if (number == last) {
      ++seen_.repeated;
      return;
    }
    if (number < last) ++seen_.out_of_order;
    last = std::max(last, number);
    ++seen_.received[static_cast<std::size_t>(receiver)];
    if (receiver < 4) return;   // so that both runs measure the same ones
    ++seen_.latencies[static_cast<std::size_t>(std::clamp<std::int64_t>(now_ms() - made, 0, kBuckets - 1))];
  }

  Seen& seen_;
  const bool with_bad_ones_;
  int epoll_ = -1;
  std::map<int, int> listeners_;             // to the receiver
  std::map<int, Connection> connections_;
  std::vector<std::vector<std::int64_t>> last_;   // the number seen last, by receiver and chat
};

// Of /proc/self/status, "VmHWM:" and its like.
std::int64_t memory_kib(const std::string& name) {
  std::ifstream file("/proc/self/status");
  std::int64_t out = 0;
  for (std::string word; file >> word;) {
    if (word == name) file >> out;
  }
  return out;
}

std::int64_t latency_at(const Seen& seen, double part) {
  std::int64_t all = 0, below = 0;
  for (const auto& count : seen.latencies) all += count;
  for (int i = 0; i < kBuckets; ++i) {
    below += seen.latencies[static_cast<std::size_t>(i)];
    if (static_cast<double>(below) >= part * static_cast<double>(all)) return i;
  }
  return kBuckets;
}

void make_sessions(store::Store& store, const Seen& seen, int count, Random& random) {
  store::WriteBatch batch;
  batch.run([&](store::Database& db) {
    for (int i = 0; i < count; ++i) {
      store::SessionRow row;
      row.id = "ses_" + std::to_string(i);
      row.tenant = "default";
      row.name = row.id;
      row.webhook_message = fmt::format("http://127.0.0.1:{}/", seen.ports[static_cast<std::size_t>(i)]);
      row.webhook_secret = new_webhook_secret(random);
      store::sessions::insert(db, row);
    }
  });
  std::promise<void> done;
  store.writer().commit(std::move(batch), [&](const Result<>&) { done.set_value(); });
  done.get_future().wait();
}

// Commits events at a steady rate, each in a batch of its own, as a session does.
void make_events(store::Store& store, const Options& options, Random& random) {
  const std::int64_t began = now_ms();
  for (int made = 0; made < options.events;) {
    const std::int64_t due = (now_ms() - began) * options.per_second / 1'000;
    for (; made < options.events && made <= due; ++made) {
      store::WriteBatch batch;
      batch.run([n = made, receiver = made % options.receivers, &options, &random](store::Database& db) {
        const int chat = n / options.receivers % kChats;
        const std::string text(200, 'x');   // a message of usual length
        const std::string session = fmt::format("ses_{}", receiver), lane = fmt::format("{}@chat", chat);
        events::append(db, {session, "message.received", lane, {}, true},
                       Json{{"chat", chat}, {"n", n}, {"made_ms", now_ms()}, {"content", text}},
                       Time(Duration(now_ms())), random);
      });
      store.writer().commit(std::move(batch), [](const Result<>&) {});
    }
    rest_ms(1);
  }
}

bool is_complete(const Seen& seen, const Options& options, bool with_bad_ones) {
  for (int i = 0; i < options.receivers; ++i) {
    const int owed = options.events / options.receivers + (i < options.events % options.receivers ? 1 : 0);
    if (manner_of(i, with_bad_ones) == Manner::Good && seen.received[static_cast<std::size_t>(i)] < owed) return false;
  }
  return true;
}

void run(const Options& options, bool with_bad_ones) {
  auto* memory = ::mmap(nullptr, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Seen& seen = *new (memory) Seen{};
  Receivers receivers(seen, options.receivers, with_bad_ones);
  const pid_t child = ::fork();   // before there is a thread
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    receivers.run();
  }
  std::filesystem::remove_all(options.folder);
  std::filesystem::create_directories(options.folder);
  auto store = store::Store::open(options.folder, [](const Error&) { std::abort(); });
  if (!store) std::abort();
  SystemRandom random;
  make_sessions(**store, seen, options.receivers, random);
  wa::io::AsioLoop loop;
  auto web = net::make_web_client(loop, {"127.0.0.1"});
  events::WebhookDispatcher dispatcher(loop, random, (*store)->writer(), (*store)->readers(), *web, {});
  std::thread thread([&] { loop.run(); });
  loop.post([&] { dispatcher.start(); });

  const std::int64_t began = now_ms();
  make_events(**store, options, random);
  const std::int64_t made = now_ms();
  while (!is_complete(seen, options, with_bad_ones) && now_ms() < made + 120'000) {
    rest_ms(20);
  }
  const bool is_whole = is_complete(seen, options, with_bad_ones);
  fmt::print("{}: {} events in {:.1f} s, all there {:.2f} s later{}; p50 {} ms, p99 {} ms, p99.9 {} ms; repeated {},"
             " out of order {}; peak memory {} MiB\n",
             with_bad_ones ? "four are bad" : "all are good", options.events, static_cast<double>(made - began) / 1e3,
             static_cast<double>(now_ms() - made) / 1e3, is_whole ? "" : " (NOT ALL)", latency_at(seen, 0.5),
             latency_at(seen, 0.99), latency_at(seen, 0.999), seen.repeated.load(), seen.out_of_order.load(),
             memory_kib("VmHWM:") / 1024);
  std::fflush(stdout);
  loop.post([&] { dispatcher.stop(); });
  loop.stop();
  thread.join();
  web.reset();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  std::filesystem::remove_all(options.folder);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "webhook_bench FOLDER [EVENTS] [PER_SECOND] [RECEIVERS]\n");
    return 2;
  }
  Options options;
  options.folder = argv[1];
  int* const numbers[] = {&options.events, &options.per_second, &options.receivers};
  for (int i = 2; i < argc && i < 5; ++i) std::from_chars(argv[i], argv[i] + std::strlen(argv[i]), *numbers[i - 2]);
  options.events = std::max(1, options.events);
  options.per_second = std::max(1, options.per_second);
  options.receivers = std::clamp(options.receivers, 5, kReceiversMax);
  log::set_level(log::Level::Off);
  for (const bool with_bad_ones : {false, true}) {
    // Each in a process of its own, so that its memory is its own.
    const pid_t child = ::fork();
    if (child == 0) {
      run(options, with_bad_ones);
      std::_Exit(0);
    }
    ::waitpid(child, nullptr, 0);
  }
}
