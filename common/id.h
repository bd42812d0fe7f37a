// Identifiers of our own objects: a prefix and Crockford base32 of 128 bits, lower case.
#pragma once

#include <string>
#include <string_view>

#include "common/random.h"
#include "common/time.h"

namespace konekwa {

// 48 bits of milliseconds, then 80 random bits: ids made later sort later. For messages and events.
std::string new_ordered_id(std::string_view prefix, Time now, Random& random);  // "msg_01j9z3m8t4..."
// 128 random bits: cannot be guessed. For sessions, whose id guards the public QR.
std::string new_random_id(std::string_view prefix, Random& random);

}  // namespace konekwa
