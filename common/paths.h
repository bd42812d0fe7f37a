// Where things are when nobody says: per user, or the system's when run as root or as a service.
#pragma once

#include <string>
#include <vector>

namespace konekwa::paths {

std::string default_data_dir();                  // $STATE_DIRECTORY, /var/lib/konekwa (root), or $XDG_DATA_HOME/konekwa
std::string default_socket();                    // where konekwad listens
std::vector<std::string> socket_candidates();    // where the CLI looks, in order
std::string default_config_file();               // konekwad.conf in /etc/konekwa (root) or $XDG_CONFIG_HOME/konekwa

}  // namespace konekwa::paths
