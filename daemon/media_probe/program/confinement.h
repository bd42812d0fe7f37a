// Takes from this process everything but reading descriptor 0, computing in bounded memory and time, and writing to
// descriptor 1. For ever: there is no way back.
#pragma once

#include <string>

namespace konekwa::media_probe {

// Before the first octet of a file is looked at. The reason why it could not be done, or "": then nothing may be read.
std::string confine();

}  // namespace konekwa::media_probe
