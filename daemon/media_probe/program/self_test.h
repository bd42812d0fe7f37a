// `konekwa-media-probe --self-test WHAT`: tries what a program that has fallen to its input would try. Run confined, by
// tests alone.
#pragma once

#include <string_view>

namespace konekwa::media_probe {

// Only comes back when nothing ended the process: true when WHAT was refused, false when it succeeded or is not known.
bool is_refused(std::string_view what);

}  // namespace konekwa::media_probe
