// The checks of the machine itself, for diagnosis.cpp. They ask nothing of konekwad.
#pragma once

#include "cli/diagnosis.h"
#include "common/api/url.h"

namespace konekwa::cli {

Finding check_socket(const api::Url& url);              // is it there, and for whom
Finding check_key_file(const std::string& path);        // "": there is none
Finding check_disk(const std::string& folder);
Finding check_name(const std::string& host);            // by DNS
bool is_address(const std::string& host);               // which needs none
Finding check_reach(const std::string& host, int port);

// `other_clock` is a Date of HTTP; with "" only whether something keeps the clock right.
Finding check_clock(const std::string& other_clock, Time now);

}  // namespace konekwa::cli
