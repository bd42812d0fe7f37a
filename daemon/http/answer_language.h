// Errors in the language that the client asks for.
#pragma once

#include "common/language.h"
#include "daemon/http/exchange.h"

namespace konekwa::http {

// Puts the message and the details of each error in a body into `language`, of the answer's own and of the messages in
// it, and says so in Content-Language. Codes and values stay, and so does what has no translation. Any thread.
void answer_in(Language language, Response& response);

}  // namespace konekwa::http
