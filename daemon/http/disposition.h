// Names of files in the header Content-Disposition, both ways: RFC 6266. Pure.
#pragma once

#include <string>
#include <string_view>

namespace konekwa::http {

// What a client says that its file is called: filename* before filename, without the path that some put before it;
// "" when it does not say, or not in UTF-8.
std::string filename_of(std::string_view disposition);

// "attachment", with the name if there is one. Whatever the name holds, the value is fit for a header.
std::string attachment(std::string_view filename);

}  // namespace konekwa::http
