#include "daemon/wa/node_codec.h"
#include "daemon/wa/node_wire.h"
#include "daemon/wa/token_table.h"

namespace konekwa::wa {
namespace {

// Three octets on the wire become a hundred in memory, so nodes and attributes of a stanza are counted. The largest
// stanzas seen (participants of a big group) stay far below.
constexpr std::size_t kItemsMax = 1u << 18;
// Of a tag, a key or a value. Answers echo them, two or three to a frame, and nobody writes more than a few hundred.
constexpr std::size_t kTextBytesMax = 64 * 1024;

constexpr char kNibbles[] = "0123456789-.";
constexpr char kHexDigits[] = "0123456789ABCDEF";

std::string_view server_of_domain(std::uint8_t domain) {
  switch (domain) {
    case wire::kDomainLid: return to_string(Server::Lid);
    case wire::kDomainHosted: return to_string(Server::Hosted);
    case wire::kDomainHostedLid: return to_string(Server::HostedLid);
    default: return to_string(Server::Pn);  // an agent, which no address of this project carries
  }
}

// An address as the wire spells it. What could not be sent on as an address (an unknown server, odd characters, a
// device where none belongs) stays text.
AttrValue address(std::string text) {
  if (auto jid = Jid::parse(text); jid && wire::has_address_form(*jid)) return *std::move(jid);
  return text;
}

std::string address_text(std::string user, std::uint64_t device, std::string_view server) {
  if (device != 0) user.append(":").append(std::to_string(device));
  return user.append("@").append(server);
}

std::string text_of(AttrValue value) {
  if (const auto* jid = std::get_if<Jid>(&value)) return to_string(*jid);
  return std::get<std::string>(std::move(value));
}

bool is_list(std::uint8_t tag) { return tag == wire::kListEmpty || tag == wire::kList8 || tag == wire::kList16; }
bool is_binary(std::uint8_t tag) {
  return tag == wire::kBinary8 || tag == wire::kBinary20 || tag == wire::kBinary32;
}

// Reads forward; the first thing that is wrong is kept, and everything after it reads as nothing.
class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  Result<Node> only_node() {
    Node root = node(0);
    if (!error_ && !in_.empty()) refuse("octets after the node");
    if (error_) return fail(ErrorCode::PROTOCOL, error_);
    return root;
  }

 private:
  Node node(std::size_t depth) {
    if (depth >= kNodeDepthMax) refuse("a node nested too deep");
    count_item();
    const auto size = list_size(u8());
    if (size == 0) refuse("a node without a tag");
    Node out;
    if (error_) return out;

    out.tag = string();
    if (out.tag.empty()) refuse("an empty tag");
    for (std::size_t i = 0; i < (size - 1) / 2 && !error_; ++i) attr(out);
    const bool has_content = size % 2 == 0;
    if (has_content && !error_) content(out, depth);
    return out;
  }

  void attr(Node& to) {
    count_item();
    auto key = string();
    if (key.empty()) return refuse("an empty attribute name");
    auto value = attr_value();
    // Empty text means absent, as in the encoder.
    const auto* text = std::get_if<std::string>(&value);
    if (!text || !text->empty()) to.attrs.emplace_back(std::move(key), std::move(value));
  }

  void content(Node& to, std::size_t depth) {
    const auto tag = u8();
    if (is_binary(tag)) {
      to.content = to_bytes(binary(tag));
      return;
    }
    if (!is_list(tag)) {
      to.content = to_bytes(text_of(value(tag)));
      return;
    }
    const auto count = list_size(tag);
    if (count == 0) return;
    if (count > in_.size()) return refuse("a list longer than its stanza");
    Node::Children children;
    for (std::size_t i = 0; i < count && !error_; ++i) children.push_back(node(depth + 1));
    to.content = std::move(children);
  }

  std::string string() { return text_of(value(u8())); }
  AttrValue attr_value() { return value(u8()); }

  // Any form in which a text or an address can come.
  AttrValue value(std::uint8_t tag) {
    switch (tag) {
      case wire::kJidPair: return jid_pair();
      case wire::kAdJid: return ad_jid();
      case wire::kFbJid: return fb_jid();
      case wire::kInteropJid: return interop_jid();
      default: return plain(tag);
    }
  }

  // The parts of an address are plain texts; an address inside an address would nest without end.
  std::string plain() { return plain(u8()); }
  std::string plain(std::uint8_t tag) {
    if (tag == wire::kListEmpty) return {};
    if (tag < wire::kDictionary0) return std::string(kSingleTokens[tag]);
    if (tag < wire::kDictionary0 + kDictionaryCount) {
      return std::string(kDoubleTokens[tag - wire::kDictionary0][u8()]);
    }
    if (tag == wire::kNibble8) return packed(kNibbles, sizeof kNibbles - 1);
    if (tag == wire::kHex8) return packed(kHexDigits, sizeof kHexDigits - 1);
    if (is_binary(tag)) {
      const auto octets = binary(tag);
      if (octets.size() > kTextBytesMax) refuse("a text over the limit");
      return error_ ? std::string() : std::string(as_text(octets));
    }
    refuse("an octet that begins no text");
    return {};
  }

  std::string packed(const char* alphabet, std::size_t alphabet_size) {
    const auto header = u8();
    const std::size_t size = header & ~wire::kPackedOdd;
    const bool is_odd = (header & wire::kPackedOdd) != 0;
    if (is_odd && size == 0) refuse("packed text of odd length zero");
    std::string out;
    for (const auto octet : take(size)) {
      for (const std::size_t value : {octet >> 4, octet & 15}) {
        const bool is_padding = is_odd && out.size() == 2 * size - 1;
        if (is_padding) break;
        if (value >= alphabet_size) {
          refuse("packed text with an invalid digit");
          return {};
        }
        out.push_back(alphabet[value]);
      }
    }
    return out;
  }

  AttrValue jid_pair() {
    auto user = plain();
    auto server = plain();
    if (server.empty()) refuse("an address without a server");
    return address(user.empty() ? std::move(server) : address_text(std::move(user), 0, server));
  }

  AttrValue ad_jid() {
    const auto domain = u8();
    const auto device = u8();
    return address(address_text(user(), device, server_of_domain(domain)));
  }

  AttrValue fb_jid() {
    auto user = this->user();
    const auto device = integer(2);
    return address(address_text(std::move(user), device, plain()));
  }

  AttrValue interop_jid() {
    const auto user = this->user();
    const auto device = integer(2);
    const auto integrator = integer(2);
    return address(address_text(std::to_string(integrator) + "-" + user, device, plain()));
  }

  std::string user() {
    auto text = plain();
    if (text.empty()) refuse("an address without a user");
    return text;
  }

  ByteView binary(std::uint8_t tag) {
    if (tag == wire::kBinary8) return take(integer(1));
    if (tag == wire::kBinary20) return take(integer(3) & 0xfffff);
    return take(integer(4));
  }

  std::size_t list_size(std::uint8_t tag) {
    if (tag == wire::kListEmpty) return 0;
    if (tag == wire::kList8) return integer(1);
    if (tag == wire::kList16) return integer(2);
    refuse("an octet that begins no list");
    return 0;
  }

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::size_t integer(std::size_t size) {
    const auto octets = take(size);
    return octets.empty() ? 0 : read_big_endian(octets);
  }

  ByteView take(std::size_t size) {
    if (size > in_.size()) refuse("a stanza cut short");
    if (error_) return {};
    const auto taken = in_.first(size);
    in_ = in_.subspan(size);
    return taken;
  }

  void count_item() {
    if (++items_ > kItemsMax) refuse("a stanza of too many nodes");
  }

  void refuse(const char* why) {
    if (!error_) error_ = why;
  }

  ByteView in_;
  std::size_t items_ = 0;
  const char* error_ = nullptr;
};

}  // namespace

Result<Node> decode_node(ByteView bytes) { return Reader(bytes).only_node(); }

}  // namespace konekwa::wa
