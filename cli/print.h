// Text for people: lists of fields, widths, and remote text made safe for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/json.h"

namespace konekwa::cli {

// Remote text as it may go to a terminal: control characters and those that reorder or hide text are dropped, line
// breaks and tabs become a space, what is not UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);
// JSON that says the same without what would drive a terminal: such characters become \u escapes, which JSON has
// within strings only, where alone they can be. Line ends and tabs stay.
std::string escaped(std::string_view json);
std::size_t unfinished_utf8(std::string_view text);   // octets at its end that begin a character and do not finish it

int display_width(std::string_view text);                     // columns, of printable text
std::string shortened(std::string_view text, int columns);    // cut with "…" when it is wider
// Lines no wider than that, broken at blanks, and within a word that alone is wider; at least one. 0 columns: no limit.
std::vector<std::string> wrapped(std::string_view text, int columns);

// The value of a key; null when it is absent or this is no object: an answer may come from anything that speaks HTTP.
const Json& child(const Json& object, const char* key);

// The same by a path such as "error.code".
const Json& descendant(const Json& object, std::string_view path);

// A value as printable text: "" for null, a list joined by commas.
std::string text_of(const Json& value);
std::string field(const Json& object, const char* key);   // text_of(child())

// The objects that an answer is about: those of its list, where it is one, which has no id of its own; else itself.
std::vector<const Json*> items_of(const Json& body);

// "name:  value" lines, values aligned; fields without a value are left out.
std::string field_list(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace konekwa::cli
