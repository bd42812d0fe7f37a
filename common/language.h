// The language of texts for people: English, or Indonesian where they ask for it. Codes, fields and values are not
// texts for people and stay as they are. The Indonesian texts are in errors_id.def and phrases_id.def. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace konekwa {

enum class Language { English, Indonesian };

// What an Accept-Language prefers of the two (RFC 9110 12.5.4). English when it says nothing of them, also when it
// is malformed. `*` stands for English: nobody gets Indonesian who did not name it.
Language language_of_header(std::string_view accept_language);

// Of a POSIX locale such as "id_ID.UTF-8"; English for every other.
Language language_of_locale(std::string_view name);

// The Indonesian text of an error: `code` by its name, `message` in English. Nothing when this version does not know
// the message, which says more then than the text of the code would.
std::optional<std::string> in_indonesian(std::string_view code, std::string_view message);

// Of details or a hint: what phrases_id.def knows.
std::optional<std::string> in_indonesian(std::string_view details);

}  // namespace konekwa
