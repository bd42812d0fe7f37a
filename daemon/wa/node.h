// A decoded stanza: a tag, attributes, and either children, octets or nothing.
// The wire may carry text content as tokens, packed digits or octets; here it is always octets.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/bytes.h"
#include "daemon/wa/jid.h"

namespace konekwa::wa {

// Attributes that are addresses are encoded as JIDs on the wire, so they keep their type.
using AttrValue = std::variant<std::string, Jid>;

struct Node {
  using Attrs = std::vector<std::pair<std::string, AttrValue>>;
  using Children = std::vector<Node>;

  std::string tag;
  Attrs attrs;
  std::variant<std::monostate, Children, Bytes> content;

  Node() = default;
  explicit Node(std::string t) : tag(std::move(t)) {}
  Node(std::string t, Attrs a) : tag(std::move(t)), attrs(std::move(a)) {}
  Node(std::string t, Attrs a, Children c) : tag(std::move(t)), attrs(std::move(a)), content(std::move(c)) {}
  Node(std::string t, Attrs a, Bytes b) : tag(std::move(t)), attrs(std::move(a)), content(std::move(b)) {}

  // Builders, for use on a named node or in a chain: node.set("type", "text").
  Node& set(std::string key, std::string value) &;
  Node& set(std::string key, const char* value) & { return set(std::move(key), std::string(value)); }
  Node& set(std::string key, Jid value) &;
  Node& set_number(std::string key, std::int64_t value) & { return set(std::move(key), std::to_string(value)); }
  Node& add(Node child) &;             // content becomes children; octets are replaced
  void erase(std::string_view key);

  // Queries. Missing things are empty, never an error: the caller decides what is required.
  bool has(std::string_view key) const;
  std::string attr(std::string_view key) const;                       // "" when absent; JIDs in text form
  std::optional<Jid> jid(std::string_view key) const;                 // also parses a text form
  std::optional<std::int64_t> number(std::string_view key) const;     // decimal
  const Node* child(std::string_view name) const;                     // the first with this tag
  const Node* first_child() const;
  const Children& children() const;                                   // empty when there are none
  std::vector<const Node*> children(std::string_view name) const;
  ByteView bytes() const;                                             // empty when there are none
  std::string text() const { return konekwa::to_string(bytes()); }

  bool operator==(const Node&) const = default;
};

// For logs and tests: <iq to="s.whatsapp.net" type="get"><ping/></iq>, octets as a length. Never key material.
std::string to_string(const Node& node);

}  // namespace konekwa::wa
