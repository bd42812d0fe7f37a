// Who is at the other end of the Unix socket, as the kernel knows it, and whether that makes an admin.
#pragma once

#include <optional>
#include <vector>

#include <sys/types.h>

namespace konekwa::http {

struct PeerCredentials {
  uid_t uid = 0;
  std::vector<gid_t> groups;    // the primary one and the others
};

std::optional<PeerCredentials> peer_credentials(int socket);

// root, the daemon's own user, and members of the admin group. 65534 is what every unknown user looks like from within
// a user namespace, and is never an admin. Pure.
bool is_admin(const PeerCredentials& peer, uid_t own_uid, std::optional<gid_t> admin_group);

std::optional<gid_t> admin_group();   // of the group konekwa, when there is one

}  // namespace konekwa::http
