// The journal of systemd, where it is what reads a descriptor: a line there says its priority in front, as "<3>".
#pragma once

namespace konekwa::log {

// `journal_stream` is the value of JOURNAL_STREAM, "DEVICE:INODE" of the journal's socket, or nullptr. What a service
// inherits and then redirects elsewhere is not the journal any more.
bool is_journal(const char* journal_stream, int descriptor);

bool stderr_is_journal();   // of this process, at the first call

}  // namespace konekwa::log
