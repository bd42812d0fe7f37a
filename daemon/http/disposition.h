// Names of files in the header Content-Disposition, both ways: RFC 6266; and the parameters of such values. Pure.
#pragma once

#include <string>
#include <string_view>

namespace konekwa::http {

// What a client says that its file is called: filename* before filename, without the path that some put before it;
// "" when it does not say, or not in UTF-8.
std::string filename_of(std::string_view disposition);

// Of a header's value such as `form-data; name="file"`: a parameter, unquoted; "" when it is absent.
std::string parameter_of(std::string_view value, std::string_view name);

// "attachment", with the name if there is one. Whatever the name holds, the value is fit for a header.
std::string attachment(std::string_view filename);

}  // namespace konekwa::http
