// Names of the kinds of content that this version does not render, by their field number in Message.
#pragma once

#include <string>

namespace konekwa::wa {

std::string content_name(int field);  // "image", "poll_creation", ...; "unknown_131" for what we have no name for

}  // namespace konekwa::wa
