#include "tests/support/memory_transport.h"

#include <deque>

namespace konekwa::test {

using wa::io::Transport;

namespace {

// How long a real transport waits for the peer's half of a close.
constexpr Duration kCloseTimeout = seconds(5);

enum Side : std::size_t { kClient = 0, kServer = 1 };
Side other(Side side) { return side == kClient ? kServer : kClient; }

struct Shared {
  Loop& loop;
  MemoryNetwork::Accept accept;
  std::function<Duration()> latency;
  bool is_refusing = false;
  bool is_recording = false;
  std::vector<wa::Endpoint> endpoints;
  std::vector<MemoryNetwork::Record> records;
};

// One connection: two ends, and what is under way to each.
class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(std::shared_ptr<Shared> shared, std::size_t number) : shared_(std::move(shared)), number_(number) {}

  void attach(Side side, Transport::Handler& handler) { ends_[side].handler = &handler; }
  void detach(Side side) {
    auto& end = ends_[side];
    end.handler = nullptr;
    end.is_open = false;
    end.is_closing = true;
    end.arriving.clear();
    end.close_timer.reset();
    put(other(side), std::nullopt);
  }

  void open() {
    ends_[kClient].is_open = ends_[kServer].is_open = true;
    later(kServer, [](Transport::Handler& handler) { handler.on_transport_open(); });
    later(kClient, [](Transport::Handler& handler) { handler.on_transport_open(); });
  }
  bool is_open() const { return ends_[kClient].is_open || ends_[kServer].is_open; }
  bool has_client() const { return ends_[kClient].handler && !ends_[kClient].is_closing; }

  void send(Side from, Bytes message) {
    if (ends_[from].is_closing || !ends_[from].is_open) return;
    if (shared_->is_recording) shared_->records.push_back({from == kClient, number_, message});
    put(other(from), std::move(message));
  }

  void close(Side side) {
    auto& end = ends_[side];
    if (end.is_closing) return;
    end.is_closing = true;
    end.arriving.clear();
    if (!end.is_open) return fail(side, "closed");
    put(other(side), std::nullopt);
    end.close_timer = shared_->loop.after(kCloseTimeout, [link = weak_from_this(), side] {
      if (const auto alive = link.lock()) alive->finish(side, "the peer does not answer the close");
    });
  }

  void set_reading(Side side, bool enabled) {
    ends_[side].is_reading = enabled;
    if (enabled) schedule(side);
  }

  void fail(Side side, std::string why) {
    ends_[side].arriving.clear();
    shared_->loop.post([link = shared_from_this(), side, why = std::move(why)] { link->finish(side, why); });
  }
  void cut() {
    fail(kClient, "the connection was lost");
    fail(kServer, "the connection was lost");
  }
  void black_hole() {
    is_black_hole_ = true;
    ends_[kClient].arriving.clear();
    ends_[kServer].arriving.clear();
  }

 private:
  struct Arriving {
    Time at{};
    std::optional<Bytes> message;  // nothing: the peer has closed
  };
  struct End {
    Transport::Handler* handler = nullptr;  // null once its transport is gone
    bool is_open = false;
    bool is_closing = false;
    bool is_reading = true;
    bool is_scheduled = false;
    std::deque<Arriving> arriving;
    Timer timer, close_timer;
  };

  void put(Side to, std::optional<Bytes> message) {
    auto& end = ends_[to];
    if (is_black_hole_ || end.is_closing) {
      if (!message && end.is_closing && !is_black_hole_) fail(to, "closed");
      return;
    }
    auto at = shared_->loop.now() + (shared_->latency ? shared_->latency() : Duration::zero());
    if (!end.arriving.empty()) at = std::max(at, end.arriving.back().at);
    end.arriving.push_back({at, std::move(message)});
    schedule(to);
  }

  // One message a turn, so that everybody else gets theirs in between.
  void schedule(Side to) {
    auto& end = ends_[to];
    if (end.is_scheduled || !end.is_reading || end.arriving.empty()) return;
    end.is_scheduled = true;
    auto arrive = [link = shared_from_this(), to] { link->arrive(to); };
    const auto delay = end.arriving.front().at - shared_->loop.now();
    if (delay <= Duration::zero()) return shared_->loop.post(std::move(arrive));
    end.timer = shared_->loop.after(delay, std::move(arrive));
  }

  void arrive(Side to) {
    auto& end = ends_[to];
    end.is_scheduled = false;
    if (!end.is_reading || end.arriving.empty()) return;
    auto first = std::move(end.arriving.front());
    end.arriving.pop_front();
    if (first.message) {
      if (end.handler && end.is_open && !end.is_closing) end.handler->on_transport_message(std::move(*first.message));
      return schedule(to);
    }
    // The peer hears that its close was answered.
    if (ends_[other(to)].is_closing) fail(other(to), "closed");
    finish(to, "the peer closed the connection");
  }

  void finish(Side side, const std::string& why) {
    auto& end = ends_[side];
    end.is_open = false;
    end.is_closing = true;
    end.timer.reset();
    end.close_timer.reset();
    if (auto* handler = std::exchange(end.handler, nullptr)) {
      handler->on_transport_closed(Error(ErrorCode::NETWORK, why));
    }
  }

  void later(Side side, void (*tell)(Transport::Handler&)) {
    shared_->loop.post([link = shared_from_this(), side, tell] {
      if (link->ends_[side].handler && link->ends_[side].is_open) tell(*link->ends_[side].handler);
    });
  }

  std::shared_ptr<Shared> shared_;
  std::size_t number_;
  bool is_black_hole_ = false;
  std::array<End, 2> ends_;
};

class MemoryTransport final : public Transport {
 public:
  MemoryTransport(std::shared_ptr<Link> link, Side side) : link_(std::move(link)), side_(side) {}
  ~MemoryTransport() override { link_->detach(side_); }
  void send(Bytes message) override { link_->send(side_, std::move(message)); }
  void close() override { link_->close(side_); }
  void set_reading(bool enabled) override { link_->set_reading(side_, enabled); }

 private:
  std::shared_ptr<Link> link_;
  Side side_;
};

void introduce(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Link>& link) {
  if (!link->has_client()) return;
  if (shared->is_refusing || !shared->accept) return link->fail(kClient, "connection refused");
  shared->accept([link](Transport::Handler& handler) -> std::unique_ptr<Transport> {
    link->attach(kServer, handler);
    link->open();
    return std::make_unique<MemoryTransport>(link, kServer);
  });
}

}  // namespace

struct MemoryNetwork::State {
  std::shared_ptr<Shared> shared;
  std::vector<std::weak_ptr<Link>> links;

  std::shared_ptr<Link> link(std::size_t number) const {
    return number < links.size() ? links[number].lock() : nullptr;
  }
};

MemoryNetwork::MemoryNetwork(Loop& loop, Accept accept) : state_(std::make_shared<State>()) {
  state_->shared = std::make_shared<Shared>(Shared{loop, std::move(accept), nullptr, false, false, {}, {}});
}

MemoryNetwork::~MemoryNetwork() { state_->shared->accept = nullptr; }

void MemoryNetwork::set_accept(Accept accept) { state_->shared->accept = std::move(accept); }
void MemoryNetwork::set_latency(std::function<Duration()> latency) { state_->shared->latency = std::move(latency); }
void MemoryNetwork::set_refusing(bool refuses) { state_->shared->is_refusing = refuses; }
void MemoryNetwork::set_recording(bool enabled) { state_->shared->is_recording = enabled; }

std::unique_ptr<Transport> MemoryNetwork::connect(const wa::Endpoint& endpoint, Transport::Handler& handler) {
  auto& shared = state_->shared;
  shared->endpoints.push_back(endpoint);
  const auto link = std::make_shared<Link>(shared, state_->links.size());
  state_->links.push_back(link);
  link->attach(kClient, handler);
  shared->loop.post([shared, link] { introduce(shared, link); });
  return std::make_unique<MemoryTransport>(link, kClient);
}

void MemoryNetwork::cut_all() {
  for (std::size_t i = 0; i < state_->links.size(); ++i) cut(i);
}
void MemoryNetwork::cut(std::size_t link) {
  if (const auto found = state_->link(link)) found->cut();
}
void MemoryNetwork::black_hole(std::size_t link) {
  if (const auto found = state_->link(link)) found->black_hole();
}
std::size_t MemoryNetwork::connections_made() const { return state_->links.size(); }
std::size_t MemoryNetwork::connections_open() const {
  return static_cast<std::size_t>(std::count_if(state_->links.begin(), state_->links.end(), [](const auto& link) {
    const auto found = link.lock();
    return found && found->is_open();
  }));
}
const std::vector<wa::Endpoint>& MemoryNetwork::endpoints() const { return state_->shared->endpoints; }
const std::vector<MemoryNetwork::Record>& MemoryNetwork::records() const { return state_->shared->records; }

}  // namespace konekwa::test
