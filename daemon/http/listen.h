// Listening sockets, as file descriptors, made with errors that name the address. The caller closes them.
#pragma once

#include <cstdint>
#include <string>

#include "common/error.h"

namespace konekwa::http {

inline constexpr int kListenBacklog = 4096;

// "127.0.0.1:8080", "[::1]:8080"; port 0 takes any free one.
Result<int> listen_tcp(const std::string& address_and_port);
std::string bound_address(int socket);              // "127.0.0.1:8080", with the port that was taken

// Mode 0660, group konekwa if there is one. A socket file that nobody listens on is replaced; CONFLICT when somebody
// does. Its directory is made when it is missing.
Result<int> listen_unix(const std::string& path);

// Makes what the service manager listens on ours to accept from: its address family, AF_UNIX, AF_INET or AF_INET6.
// INVALID_REQUEST when it is anything but a listening stream of those.
Result<int> adopt_listener(int socket);
std::string bound_path(int socket);                 // of a Unix socket

}  // namespace konekwa::http
