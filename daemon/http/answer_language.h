// The text of an error in the language that the client asks for.
#pragma once

#include "common/language.h"
#include "daemon/http/exchange.h"

namespace konekwa::http {

// Puts the `message` of an error's body into `language`, and says so in Content-Language. Code and details stay, and
// so does all that is no error, and a message that has no translation. Any thread.
void answer_in(Language language, Response& response);

}  // namespace konekwa::http
