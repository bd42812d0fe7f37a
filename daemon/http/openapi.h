// The contract of the API, openapi.yaml of the tree, as JSON. Made at build time: see cmake/embed_openapi.py.
#pragma once

#include <string_view>

namespace konekwa::http {

std::string_view openapi_json();

}  // namespace konekwa::http
