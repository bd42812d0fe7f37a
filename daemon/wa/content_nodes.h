// The nodes around encrypted content, with the attributes that stanza_type() asks for.
#pragma once

#include <string>

#include "daemon/wa/content.h"
#include "daemon/wa/node.h"
#include "daemon/wa/signal/signal_state.h"

namespace konekwa::wa {

Node message_node(const Jid& to, const std::string& id, const StanzaType& type);   // without parts and <meta>
Node enc_node(EncType enc_type, Bytes ciphertext, const StanzaType& type);
void set_content_type(Node& enc, const StanzaType& type);                          // mediatype and decrypt-fail
void add_meta(Node& message, const StanzaType& type);                              // nothing where there is none

}  // namespace konekwa::wa
