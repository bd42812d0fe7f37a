// Signals are main's business: every other thread keeps them out.
#pragma once

namespace konekwa {

void block_signals();   // all of them, on this thread

}  // namespace konekwa
