#include "daemon/sandbox/account.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kAppStateKeyIdBytes = 6;
constexpr std::size_t kAppStateKeyBytes = 32;
constexpr std::uint64_t kSubscriberNumbers = 10'000'000'000;  // ten digits after the country code
constexpr std::uint64_t kLidsFirst = 100'000'000'000'000;  // fifteen digits

std::string number_of(std::uint64_t chance) { return fmt::format("62{:010}", chance % kSubscriberNumbers); }

}  // namespace

std::optional<Bytes> PhoneRows::find(wa::SignalRow::Kind kind, const std::string& key) const {
  const auto found = rows_.find({kind, key});
  return found == rows_.end() ? std::nullopt : std::optional(found->second);
}

void PhoneRows::apply(std::vector<wa::SignalRow> changes) {
  for (wa::SignalRow& row : changes) {
    if (row.value) {
      rows_[{row.kind, row.key}] = std::move(*row.value);
    } else {
      rows_.erase({row.kind, row.key});
    }
  }
}

void Device::want_again(const std::string& sender_lid, const std::string& message_id) {
  if (wanted_again.size() == kWantedAgainMax) wanted_again.erase(wanted_again.begin());
  wanted_again.insert(sender_lid + " " + message_id);
}

bool Device::take_wanted(const std::string& sender_lid, const std::string& message_id) {
  return wanted_again.erase(sender_lid + " " + message_id) > 0;
}

bool SeenIds::insert(const std::string& chat_lid, const std::string& id) {
  const std::string entry = chat_lid + " " + id;
  if (!ids_.insert(entry).second) return false;
  order_.push_back(entry);
  if (order_.size() > kSeenMax) {
    ids_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

std::string SeenIds::chat_of(const std::string& id) const {
  const std::string tail = " " + id;
  const auto found =
      std::find_if(order_.rbegin(), order_.rend(), [&](const auto& entry) { return entry.ends_with(tail); });
  return found == order_.rend() ? "" : found->substr(0, found->find(' '));
}

void SeenIds::restore(std::deque<std::string> all) {
  order_ = std::move(all);
  ids_ = {order_.begin(), order_.end()};
}

wa::Jid Account::jid(wa::Server server, std::uint16_t device) const {
  return server == wa::Server::Lid ? wa::Jid::lid(lid, device) : wa::Jid::pn(number, device);
}

Device* Account::device(std::uint16_t id) {
  const auto found = devices.find(id);
  return found == devices.end() ? nullptr : &found->second;
}

Account& Directory::create(std::string number, const std::string& push_name, Random& random) {
  auto account = std::make_unique<Account>();
  account->number = std::move(number);
  account->push_name = push_name;
  account->made_for = push_name;
  do {
    account->lid = std::to_string(kLidsFirst + random.below(kLidsFirst * 8));
  } while (by_lid_.contains(account->lid));
  account->raw_id = static_cast<std::uint32_t>(random.below(0x7FFFFFFF)) + 1;
  account->app_state_key_id = random.bytes(kAppStateKeyIdBytes);
  account->app_state_key = random.bytes(kAppStateKeyBytes);
  account->phone.identity = wa::generate_device_identity(random);

  Device& phone = account->devices[0];
  phone.is_welcomed = true;
  phone.keys.registration_id = account->phone.identity.registration_id;
  phone.keys.identity = account->phone.identity.identity.public_key;
  wa::SignedPreKey published = account->phone.identity.signed_prekey;
  published.key.private_key = {};
  phone.keys.publish(published);

  Account& made = *account;
  insert(std::move(account));
  return made;
}

std::string Directory::free_number(const std::string& push_name, Random& random) const {
  // A name leads to the same number in every sandbox, so that scripts may rely on it.
  const Bytes hash = wa::sha256(as_bytes(push_name));
  std::string number = number_of(push_name.empty() ? random.u64() : read_big_endian(ByteView(hash).first(8)));
  while (by_number_.contains(number)) number = number_of(random.u64());
  return number;
}

Account* Directory::find(const wa::Jid& person) {
  switch (person.server) {
    case wa::Server::Pn:
    case wa::Server::Legacy: return find_number(person.user);
    case wa::Server::Lid: return find_lid(person.user);
    default: return nullptr;
  }
}

Account* Directory::find_number(const std::string& number) {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second.get();
}

Account* Directory::find_lid(const std::string& lid) {
  const auto found = by_lid_.find(lid);
  return found == by_lid_.end() ? nullptr : found->second;
}

Account* Directory::made_for(const std::string& push_name) {
  if (push_name.empty()) return nullptr;
  for (const auto& [number, account] : by_number_) {
    if (account->made_for == push_name) return account.get();
  }
  return nullptr;
}

void Directory::insert(std::unique_ptr<Account> account) {
  by_lid_[account->lid] = account.get();
  by_number_[account->number] = std::move(account);
}

bool is_phone_number(const std::string& text) {
  constexpr std::size_t kDigitsMin = 8;
  constexpr std::size_t kDigitsMax = 15;
  const bool is_digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_digits && text.size() >= kDigitsMin && text.size() <= kDigitsMax && text.front() != '0';
}

}  // namespace konekwa::sandbox
