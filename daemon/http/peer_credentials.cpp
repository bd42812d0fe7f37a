#include "daemon/http/peer_credentials.h"

#include <algorithm>
#include <cerrno>

#include <grp.h>
#include <sys/socket.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

namespace konekwa::http {
namespace {

constexpr uid_t kOverflowUid = 65534;

// SO_PEERCRED names the primary group only.
std::vector<gid_t> peer_groups(int socket) {
  std::vector<gid_t> groups(32);
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
      groups.resize(size / sizeof(gid_t));
      return groups;
    }
    if (errno != ERANGE) break;
    groups.resize(size / sizeof(gid_t));
  }
  return {};
}

}  // namespace

std::optional<PeerCredentials> peer_credentials(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  PeerCredentials peer{credentials.uid, peer_groups(socket)};
  peer.groups.push_back(credentials.gid);
  return peer;
}

bool is_admin(const PeerCredentials& peer, uid_t own_uid, std::optional<gid_t> admin_group) {
  if (peer.uid == kOverflowUid) return false;
  if (peer.uid == 0 || peer.uid == own_uid) return true;
  return admin_group && std::find(peer.groups.begin(), peer.groups.end(), *admin_group) != peer.groups.end();
}

std::optional<gid_t> admin_group() {
  const group* entry = ::getgrnam("konekwa");
  return entry == nullptr ? std::nullopt : std::optional(entry->gr_gid);
}

}  // namespace konekwa::http
