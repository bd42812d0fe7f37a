// How fast messages are accepted, beside what the same disk can do:
//
//   fsync         a file that grows by 4 KiB and is synced, one after the other
//   group commit  the rows that an accepted message is, through the daemon's own writer, and nothing else: no HTTP, no
//                 JSON, no key, no checks. As many threads as connections, each waits until its row is durable
//   POST, GET     a running konekwad over loopback TCP: durable 202s, and messages by their id
//
// api_bench FOLDER HOST PORT KEY SESSION [SECONDS]: the folder is on the disk that the daemon uses. tests/bench/run.sh
// starts the daemon.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/id.h"
#include "common/log.h"
#include "daemon/store/messages.h"
#include "daemon/store/sessions.h"
#include "daemon/store/store.h"

using namespace konekwa;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kConnections[] = {1, 8, 64};
constexpr std::int64_t kFirstMoment = 1'773'138'600'000;
constexpr std::size_t kAnswerBytesMax = 16 * 1024;
constexpr int kPollMs = 1000;

struct Figures {
  double per_second = 0, p50_ms = 0, p99_ms = 0;
};

Figures figures_of(std::vector<double> latencies_ms, double elapsed_s) {
  if (latencies_ms.empty()) return {};
  std::sort(latencies_ms.begin(), latencies_ms.end());
  const auto at = [&](double part) { return latencies_ms[static_cast<std::size_t>(part * (latencies_ms.size() - 1))]; };
  return {static_cast<double>(latencies_ms.size()) / elapsed_s, at(0.5), at(0.99)};
}

double ms_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

// Runs `make(i)`'s work over and over on `threads` threads for `limit`; each call is one measurement.
template <class Make>
Figures measure(int threads, std::chrono::seconds limit, const Make& make) {
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  const auto began = Clock::now();
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      auto work = make(i);
      while (Clock::now() - began < limit) {
        const auto at = Clock::now();
        work();
        latencies[static_cast<std::size_t>(i)].push_back(ms_since(at));
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double elapsed_s = ms_since(began) / 1000;
  std::vector<double> all;
  for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
  return figures_of(std::move(all), elapsed_s);
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "api_bench: {}\n", why);
  std::_Exit(1);
}

Figures bare_fsync(const std::string& folder, std::chrono::seconds limit) {
  const std::string path = folder + "/fsync";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  if (file < 0) give_up("cannot write in " + folder);
  const std::string block(4096, 'x');
  const auto out = measure(1, limit, [&](int) {
    return [&] {
      if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) give_up("the disk takes no writes");
    };
  });
  ::close(file);
  std::filesystem::remove(path);
  return out;
}

store::SessionRow session_row() {
  store::SessionRow row;
  row.id = "ses_bench";
  row.tenant = "default";
  row.name = "bench";
  return row;
}

store::MessageRow message_row(Random& random, Time now) {
  store::MessageRow row;
  row.id = new_ordered_id("msg_", now, random);
  row.tenant = "default";
  row.session = "ses_bench";
  row.recipient = "6281234567890";
  row.chat_id = "6281234567890@s.whatsapp.net";
  row.content = "Kode OTP Anda 123456. Jangan berikan kepada siapa pun.";
  row.wa_message_id = "3EB0" + to_hex(random.bytes(9));
  row.created_at = now;
  row.expires_at = now + hours(24);
  return row;
}

void commit_and_wait(store::DbWriter& writer, store::WriteBatch batch) {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;
  writer.commit(std::move(batch), [&](Result<> done) {
    if (!done) give_up(done.error().text());
    const std::lock_guard lock(mutex);
    is_done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return is_done; });
}

Figures group_commit(const std::string& folder, int threads, std::chrono::seconds limit) {
  const std::string path = folder + "/probe";
  std::filesystem::remove_all(path);
  std::filesystem::create_directory(path);
  auto store = store::Store::open(path, [](const Error& error) { give_up(error.text()); });
  if (!store) give_up(store.error().text());
  store::WriteBatch first;
  first.run([](store::Database& db) { store::sessions::insert(db, session_row()); });
  commit_and_wait((*store)->writer(), std::move(first));
  SystemRandom random;
  std::atomic<std::int64_t> count = 0;
  const auto out = measure(threads, limit, [&](int) {
    return [&] {
      const Time now = from_unix_ms(kFirstMoment + count++);   // ids grow as they do in the daemon
      store::WriteBatch batch;
      batch.run([row = message_row(random, now)](store::Database& db) { store::messages::insert(db, row); });
      commit_and_wait((*store)->writer(), std::move(batch));
    };
  });
  store->reset();
  std::filesystem::remove_all(path);
  return out;
}

// A connection that is kept alive. Ends the program on any answer but the one that is wanted.
class Client {
 public:
  Client(const std::string& host, int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, host.c_str(), &to.sin_addr);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) give_up("cannot connect");
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  int socket() const { return socket_; }

  void send(const std::string& request) {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0) give_up("the daemon is gone");
    answer_.clear();
    end_ = std::string::npos;
    sent_at_ = Clock::now();
  }

  // Reads what is there, or waits for it; whether the answer is whole.
  bool take(std::string_view status) {
    char piece[kAnswerBytesMax];
    const ssize_t count = ::recv(socket_, piece, sizeof(piece), 0);
    if (count <= 0) give_up("the daemon closed a connection");
    answer_.append(piece, static_cast<std::size_t>(count));
    if (end_ == std::string::npos) {
      const std::size_t head = answer_.find("\r\n\r\n");
      if (head == std::string::npos) return false;
      end_ = head + 4 + std::stoul(answer_.substr(answer_.find("Content-Length: ") + 16));
    }
    if (answer_.size() < end_) return false;
    if (answer_.compare(9, status.size(), status) != 0) give_up("unexpected: " + answer_);
    return true;
  }

  std::string ask(const std::string& request, std::string_view status) {
    send(request);
    while (!take(status)) {
    }
    return answer_;
  }

  double waited_ms() const { return ms_since(sent_at_); }

 private:
  const int socket_;
  std::string answer_;
  std::size_t end_ = std::string::npos;   // of the answer, once its head is there
  Clock::time_point sent_at_;
};

struct Target {
  std::string host;
  int port = 0;
  std::string key, session;

  std::string post() const {
    const std::string body =
        fmt::format(R"({{"session_id":"{}","recipient":"6281234567890","message_type":"text",)"
                    R"("content":"Kode OTP Anda 123456. Jangan berikan kepada siapa pun."}})", session);
    return fmt::format("POST /v1/messages HTTP/1.1\r\nHost: bench\r\nX-API-Key: {}\r\n"
                       "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", key, body.size(), body);
  }
  std::string get(const std::string& id) const {
    return fmt::format("GET /v1/messages/{} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {}\r\n\r\n", id, key);
  }
};

// One thread for all connections, each of which has one request under way: what the measuring takes of the processor
// is missing to the daemon.
Figures requests(const Target& target, const std::string& request, std::string_view status, int connections,
                 std::chrono::seconds limit) {
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<pollfd> waiting;
  for (int i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<Client>(target.host, target.port));
    waiting.push_back({clients.back()->socket(), POLLIN, 0});
  }
  std::vector<double> latencies;
  const auto began = Clock::now();
  for (auto& client : clients) client->send(request);
  while (Clock::now() - began < limit) {
    if (::poll(waiting.data(), waiting.size(), kPollMs) < 0) give_up("poll");
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (waiting[i].revents == 0 || !clients[i]->take(status)) continue;
      latencies.push_back(clients[i]->waited_ms());
      clients[i]->send(request);
    }
  }
  return figures_of(std::move(latencies), ms_since(began) / 1000);
}

int number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && value > 0;
  if (!is_number) give_up("not a number: " + std::string(text));
  return value;
}

void print(const std::string& what, int connections, const Figures& f, const std::string& more = {}) {
  fmt::print("{:<14} {:>4} {:>10.0f} /s {:>8.2f} ms {:>8.2f} ms  {}\n", what, connections, f.per_second, f.p50_ms,
             f.p99_ms, more);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) give_up("usage: api_bench FOLDER HOST PORT KEY SESSION [SECONDS]");
  log::set_level(log::Level::Off);
  const std::string folder = argv[1];
  const Target target{argv[2], number(argv[3]), argv[4], argv[5]};
  const std::chrono::seconds limit(argc > 6 ? number(argv[6]) : 5);

  fmt::print("{:<14} {:>4} {:>13} {:>11} {:>11}\n", "what", "at", "rate", "p50", "p99");
  print("fsync", 1, bare_fsync(folder, limit));
  for (const int connections : kConnections) {
    // Beside each other, so that a disk that changes its mind changes it for both.
    const Figures probe = group_commit(folder, connections, limit);
    print("group commit", connections, probe);
    const Figures accepted = requests(target, target.post(), "202", connections, limit);
    print("POST messages", connections, accepted,
          fmt::format("{:.0f} % of group commit", 100 * accepted.per_second / probe.per_second));
  }
  Client client(target.host, target.port);
  const std::string answer = client.ask(target.post(), "202");
  const std::size_t begin = answer.find("msg_");
  const std::string request = target.get(answer.substr(begin, answer.find('"', begin) - begin));
  for (const int connections : kConnections) {
    print("GET message", connections, requests(target, request, "200", connections, limit));
  }
}
