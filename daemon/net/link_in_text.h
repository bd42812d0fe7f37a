// The first http or https URL that stands in a text. Pure.
#pragma once

#include <string>
#include <string_view>

namespace konekwa::net {

// As it stands there, without the punctuation of the sentence around it; "" when there is none that we would try.
std::string first_link(std::string_view text);

}  // namespace konekwa::net
