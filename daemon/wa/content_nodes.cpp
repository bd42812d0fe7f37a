#include "daemon/wa/content_nodes.h"

namespace konekwa::wa {

Node message_node(const Jid& to, const std::string& id, const StanzaType& type) {
  Node message("message", {{"to", to}, {"id", id}, {"type", type.type}});
  if (!type.edit.empty()) message.set("edit", type.edit);
  return message;
}

Node enc_node(EncType enc_type, Bytes ciphertext, const StanzaType& type) {
  Node enc("enc", {{"v", "2"}, {"type", std::string(to_string(enc_type))}}, std::move(ciphertext));
  set_content_type(enc, type);
  return enc;
}

void set_content_type(Node& enc, const StanzaType& type) {
  if (!type.mediatype.empty()) enc.set("mediatype", type.mediatype);
  if (type.hides_decrypt_failure) enc.set("decrypt-fail", "hide");
}

void add_meta(Node& message, const StanzaType& type) {
  if (type.meta.empty()) return;
  Node meta("meta");
  for (const auto& [name, value] : type.meta) meta.set(name, value);
  message.add(std::move(meta));
}

}  // namespace konekwa::wa
