#include "daemon/wa/node_codec.h"
#include "daemon/wa/node_wire.h"
#include "daemon/wa/token_table.h"

namespace konekwa::wa {
namespace {

// The value of a packed character, or -1.
int nibble_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c == '-') return 10;
  return c == '.' ? 11 : -1;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

using PackedValue = int (*)(char);

bool can_pack(std::string_view text, PackedValue value_of) {
  if (text.empty() || text.size() > wire::kPackedCharactersMax) return false;
  for (const char c : text) {
    if (value_of(c) < 0) return false;
  }
  return true;
}

class Writer {
 public:
  void node(const Node& node) {
    KONEKWA_ASSERT(!node.tag.empty());
    std::size_t attr_count = 0;
    for (const auto& [key, value] : node.attrs) attr_count += is_written(value) ? 1 : 0;
    const bool has_content = !std::holds_alternative<std::monostate>(node.content);

    list_size(1 + 2 * attr_count + (has_content ? 1 : 0));
    string(node.tag);
    for (const auto& [key, value] : node.attrs) {
      if (is_written(value)) attr(key, value);
    }
    if (const auto* octets = std::get_if<Bytes>(&node.content)) binary(*octets);
    if (const auto* children = std::get_if<Node::Children>(&node.content)) {
      list_size(children->size());
      for (const auto& child : *children) this->node(child);
    }
  }

  Bytes take() { return std::move(out_); }

 private:
  // An empty text has no form that all peers read alike, and means the same as an absent attribute.
  static bool is_written(const AttrValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return !text || !text->empty();
  }

  void attr(const std::string& key, const AttrValue& value) {
    KONEKWA_ASSERT(!key.empty());
    string(key);
    if (const auto* address = std::get_if<Jid>(&value)) return jid(*address);
    string(std::get<std::string>(value));
  }

  void u8(std::size_t value) { out_.push_back(static_cast<std::uint8_t>(value)); }
  void integer(std::uint64_t value, std::size_t size) { append(out_, big_endian(value, size)); }

  void list_size(std::size_t size) {
    KONEKWA_ASSERT(size <= 0xffff);
    if (size == 0) return u8(wire::kListEmpty);
    u8(size <= 0xff ? wire::kList8 : wire::kList16);
    integer(size, size <= 0xff ? 1 : 2);
  }

  void string(std::string_view text) {
    if (const auto token = find_token(text)) {
      if (token->dictionary) u8(wire::kDictionary0 + *token->dictionary);
      return u8(token->index);
    }
    if (can_pack(text, nibble_value)) return packed(wire::kNibble8, text, nibble_value);
    if (can_pack(text, hex_value)) return packed(wire::kHex8, text, hex_value);
    binary(as_bytes(text));
  }

  void packed(std::uint8_t tag, std::string_view text, PackedValue value_of) {
    const bool is_odd = text.size() % 2 != 0;
    u8(tag);
    u8((text.size() + 1) / 2 | (is_odd ? wire::kPackedOdd : 0));
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const int high = value_of(text[i]);
      const int low = i + 1 < text.size() ? value_of(text[i + 1]) : wire::kPackedPad;
      u8(static_cast<std::size_t>(high << 4 | low));
    }
  }

  void binary(ByteView octets) {
    if (octets.size() <= 0xff) {
      u8(wire::kBinary8);
      integer(octets.size(), 1);
    } else if (octets.size() < 1u << 20) {
      u8(wire::kBinary20);
      integer(octets.size(), 3);
    } else {
      u8(wire::kBinary32);
      integer(octets.size(), 4);
    }
    append(out_, octets);
  }

  void jid(const Jid& jid) {
    if (!wire::has_address_form(jid)) return string(to_string(jid));
    if (jid.server == Server::Interop) {
      if (const auto split = wire::split_interop(jid.user)) return interop(*split, jid.device);
    }
    if (jid.server == Server::Msgr && jid.device > 0) return fb(jid);
    const auto domain = wire::domain_type(jid.server);
    const bool is_hosted = jid.server == Server::Hosted || jid.server == Server::HostedLid;
    if (!jid.is_server() && domain && (jid.device > 0 || is_hosted)) return ad(jid, *domain);
    jid_pair(jid.user, jid.server);
  }

  void ad(const Jid& jid, std::uint8_t domain) {
    u8(wire::kAdJid);
    u8(domain);
    u8(jid.device);
    string(jid.user);
  }

  void fb(const Jid& jid) {
    u8(wire::kFbJid);
    string(jid.user);
    integer(jid.device, 2);
    string(to_string(jid.server));
  }

  void jid_pair(std::string_view user, Server server) {
    u8(wire::kJidPair);
    if (user.empty()) {
      u8(wire::kListEmpty);
    } else {
      string(user);
    }
    string(to_string(server));
  }

  void interop(const wire::InteropUser& split, std::uint16_t device) {
    u8(wire::kInteropJid);
    string(split.user);
    integer(device, 2);
    integer(split.integrator, 2);
    string(to_string(Server::Interop));
  }

  Bytes out_;
};

}  // namespace

Bytes encode_node(const Node& node) {
  Writer writer;
  writer.node(node);
  return writer.take();
}

}  // namespace konekwa::wa
