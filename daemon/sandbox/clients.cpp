#include "daemon/sandbox/clients.h"

#include "daemon/sandbox/companion.h"
#include "daemon/sandbox/network.h"
#include "daemon/sandbox/pairing.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kExpiredRefsMax = 6'000;

}  // namespace

Clients::Clients(Network& network) : network_(network) {}

Clients::~Clients() = default;

void Clients::accept(const wa::io::Connection::MakeTransport& make) {
  present_.push_back(std::make_unique<Companion>(network_));
  present_.back()->start(make);
}

void Clients::retire(Companion& companion) {
  const auto found =
      std::find_if(present_.begin(), present_.end(), [&](const auto& one) { return one.get() == &companion; });
  if (found == present_.end()) return;
  companion.detach();
  if (companion.pairing()) {
    for (const std::string& ref : companion.pairing()->refs()) expired_refs_.push_back(ref);
    while (expired_refs_.size() > kExpiredRefsMax) expired_refs_.pop_front();
  }
  retired_.splice(retired_.end(), present_, found);
  sweep_ = network_.loop.after(Duration::zero(), [this] { retired_.clear(); });
}

void Clients::cut_all() {
  while (!present_.empty()) retire(*present_.front());
}

Pairing* Clients::find_pairing(const std::string& ref) const {
  for (const auto& companion : present_) {
    Pairing* pairing = companion->pairing();
    if (pairing && pairing->has_ref(ref)) return pairing;
  }
  return nullptr;
}

bool Clients::is_expired(const std::string& ref) const {
  return std::find(expired_refs_.begin(), expired_refs_.end(), ref) != expired_refs_.end();
}

}  // namespace konekwa::sandbox
