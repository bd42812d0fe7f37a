#include "daemon/http/auth.h"

namespace konekwa::http {
namespace {

// The key as it was sent; nothing when none was.
std::optional<std::string> key_of(const Header& header) {
  if (const std::string* key = header.find("x-api-key")) return *key;
  const std::string* authorization = header.find("authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (authorization == nullptr || authorization->rfind(kBearer, 0) != 0) return std::nullopt;
  return authorization->substr(kBearer.size());
}

Result<Caller> identify_sender(Gateway& gateway, const Request& request, const std::string& address) {
  if (const auto key = key_of(request.header)) return gateway.authenticate(*key, address);
  if (!request.peer.is_unix_socket) return fail(ErrorCode::UNAUTHORIZED);
  Caller admin;
  admin.is_admin = true;
  admin.sees_every_tenant = true;
  admin.scopes = all_scopes();
  return admin;
}

}  // namespace

Result<> check_peer(const Peer& peer) {
  if (!peer.is_unix_socket || peer.is_admin) return {};
  return fail(Error(ErrorCode::FORBIDDEN, "this socket is for root, the daemon's user and the group konekwa", ""));
}

Result<Caller> identify(Gateway& gateway, const Request& request, const std::string& address) {
  auto caller = identify_sender(gateway, request, address);
  if (!caller) return caller;
  const std::string* tenant = request.header.find("x-konekwa-tenant");
  if (tenant == nullptr) return caller;
  if (!is_tenant_name(*tenant)) {
    return fail(ErrorCode::INVALID_REQUEST, "X-Konekwa-Tenant must be 1 to 64 of A-Z a-z 0-9 _ -");
  }
  if (!caller->is_admin && *tenant != caller->tenant) {
    return fail(ErrorCode::FORBIDDEN, "X-Konekwa-Tenant is for admins");
  }
  if (caller->is_admin) caller->sees_every_tenant = false;
  caller->tenant = *tenant;
  return caller;
}

}  // namespace konekwa::http
