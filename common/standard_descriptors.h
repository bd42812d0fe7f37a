// What a program does first. Descriptors 0, 1 and 2 may come closed, as from `konekwad 2>&-`: the next file or socket
// that is opened would get such a number, and a line of the log its content.
#pragma once

namespace konekwa {

// Occupies those that are closed, in a way that reading and writing fail as before. One thread only.
void occupy_standard_descriptors();

}  // namespace konekwa
