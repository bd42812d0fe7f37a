// Files of this machine on their way to konekwad and from it.
#pragma once

#include <functional>
#include <string>

#include "cli/command.h"

namespace konekwa::cli {

bool is_url(const std::string& text);               // http, https, or of an upload; otherwise the name of a file
std::string base_name(const std::string& path);     // without its folders
bool has_own_name(const std::string& path);         // which stdin ("-") and what a shell calls /dev/fd/63 have not
std::string mimetype_of(const std::string& path);   // by the ending of its name; "" when that is not known

// Uploads a file under its own name and type, unless others are given. What has no length, stdin ("-") and pipes, is
// read to its end before, up to what konekwad takes if nobody has told it otherwise.
api::Outcome<api::Response> upload_file(Context& context, const std::string& path, std::string filename = {},
                                        std::string mimetype = {});

// The answer of a GET into a file, or to stdout for "-". Nothing is at `path` until all of it is, and lasts; a file
// that is replaced gives its permissions on. INVALID_REQUEST: it cannot be written; OUTPUT_FAILED: no longer.
// `told`: how many octets came, piece by piece.
// `answer_timeout`: as of ApiClient::download.
api::Outcome<> download_file(Context& context, const std::string& target, const std::string& path,
                             const std::function<void(std::size_t)>& told = {}, Duration answer_timeout = {});

}  // namespace konekwa::cli
