#include "daemon/sandbox/sandbox.h"

#include "daemon/sandbox/admin.h"
#include "daemon/sandbox/network.h"
#include "daemon/sandbox/pairing.h"
#include "daemon/sandbox/phone.h"
#include "daemon/sandbox/phone_operations.h"

namespace konekwa::sandbox {

class Sandbox::Impl {
 public:
  Impl(Loop& loop, Random& random, Options options) : network(loop, random, std::move(options)) {}

  Network network;
};

Sandbox::Sandbox(Loop& loop, Random& random, Options options)
    : impl_(std::make_unique<Impl>(loop, random, std::move(options))) {}

Sandbox::~Sandbox() { save(); }

const wa::Key& Sandbox::root_key() const { return impl_->network.root.public_key; }

void Sandbox::accept(const wa::io::Connection::MakeTransport& make) { impl_->network.clients.accept(make); }

SandboxAnswer Sandbox::admin(const std::string& method, const std::string& target, const std::string& body) {
  return answer_admin(impl_->network, method, target, body);
}

SandboxAnswer Sandbox::admin_file(IncomingFile& file) { return answer_admin_file(impl_->network, file); }

MediaServer& Sandbox::media() { return impl_->network.media; }

const Pictures& Sandbox::pictures() const { return impl_->network.pictures; }

Duration Sandbox::media_delay() const { return milliseconds(impl_->network.faults.media_delay); }

std::string Sandbox::create_account(const std::string& push_name, const std::string& phone_number) {
  const auto account = open_account(impl_->network, push_name, phone_number);
  KONEKWA_ASSERT(account);
  return (*account)->number;
}

Result<std::string> Sandbox::scan_qr(const std::string& qr_text, const std::string& phone_number) {
  const auto scanned = sandbox::scan_qr(impl_->network, qr_text, phone_number);
  if (!scanned) return fail(scanned.error());
  return scanned->number;
}

Result<std::string> Sandbox::say(const std::string& from_number, const std::string& to_number,
                                 const std::string& text) {
  Saying saying;
  saying.text = text;
  return sandbox::say(impl_->network, from_number, to_number, saying);
}

Result<> Sandbox::read(const std::string& number, const std::string& message_id) {
  return sandbox::read(impl_->network, number, message_id);
}

Result<> Sandbox::set_phone_online(const std::string& number, bool online) {
  return sandbox::set_phone_online(impl_->network, number, online);
}

Result<> Sandbox::corrupt_ratchet(const std::string& number, const std::string& peer_number) {
  return sandbox::corrupt_ratchet(impl_->network, number, peer_number);
}

Result<> Sandbox::unlink(const std::string& number, std::uint16_t device) {
  return sandbox::unlink(impl_->network, number, device);
}

std::vector<Sandbox::Seen> Sandbox::inbox(const std::string& number) const {
  std::vector<Seen> seen;
  const Account* account = impl_->network.directory.find_number(number);
  if (!account) return seen;
  for (const ReceivedMessage& one : account->phone.inbox) seen.push_back(one.seen);
  return seen;
}

std::vector<std::string> Sandbox::violations() const {
  std::vector<std::string> all;
  for (const Violation& one : impl_->network.violations.all()) all.push_back(to_string(one));
  return all;
}

std::string Sandbox::web_version() const {
  const wa::Version newest = wa::default_version();
  return to_string(std::max(newest, impl_->network.minimum_version.value_or(newest)));
}

void Sandbox::disconnect_all() { impl_->network.clients.cut_all(); }

void Sandbox::save() { impl_->network.keeper.save(); }

Network& Sandbox::network() { return impl_->network; }

}  // namespace konekwa::sandbox
