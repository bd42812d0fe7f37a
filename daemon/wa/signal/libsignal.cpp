#include "daemon/wa/signal/libsignal.h"

#include "daemon/wa/signal/signal_state.h"

namespace konekwa::wa {
namespace {

struct AddressSuffix {
  Server server;
  std::string_view text;
};
constexpr AddressSuffix kAddressSuffixes[] = {
    {Server::Pn, ""}, {Server::Lid, "_1"}, {Server::Hosted, "_128"}, {Server::HostedLid, "_129"}};

std::string address_name(const Jid& device) {
  for (const AddressSuffix& suffix : kAddressSuffixes) {
    if (suffix.server == device.server) return device.user + std::string(suffix.text);
  }
  return device.user + "_" + std::string(to_string(device.server));
}

struct Reason {
  int result;
  ErrorCode code;
  std::string_view text;
};
constexpr Reason kReasons[] = {
    {SG_ERR_DUPLICATE_MESSAGE, ErrorCode::DUPLICATE, "the message key was used before"},
    {SG_ERR_NO_SESSION, ErrorCode::NO_SESSION, ""},
    {SG_ERR_INVALID_KEY, ErrorCode::PROTOCOL, "invalid key"},
    {SG_ERR_INVALID_KEY_ID, ErrorCode::PROTOCOL, "unknown prekey id"},
    {SG_ERR_INVALID_MAC, ErrorCode::PROTOCOL, "bad MAC"},
    {SG_ERR_INVALID_MESSAGE, ErrorCode::PROTOCOL, "no ratchet opens the message"},
    {SG_ERR_INVALID_VERSION, ErrorCode::PROTOCOL, "unknown version"},
    {SG_ERR_LEGACY_MESSAGE, ErrorCode::PROTOCOL, "unknown version"},
    {SG_ERR_INVALID_PROTO_BUF, ErrorCode::PROTOCOL, "not a Signal message"},
    {SG_ERR_INVAL, ErrorCode::PROTOCOL, "not a Signal message"},
};

}  // namespace

std::string signal_address(const Jid& device) { return address_name(device) + "." + std::to_string(device.device); }

namespace libsignal {

Bytes copy(const signal_buffer* buffer) {
  return {signal_buffer_const_data(buffer), signal_buffer_const_data(buffer) + signal_buffer_len(buffer)};
}

Error error_of(int result) {
  for (const Reason& reason : kReasons) {
    if (reason.result == result) return Error(reason.code, std::string(reason.text));
  }
  return Error(ErrorCode::PROTOCOL, "libsignal error " + std::to_string(result));
}

Address::Address(const Jid& device)
    : name_(address_name(device)), address_{name_.data(), name_.size(), device.device} {}

}  // namespace libsignal
}  // namespace konekwa::wa
