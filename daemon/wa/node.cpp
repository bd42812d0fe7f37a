#include "daemon/wa/node.h"

#include <algorithm>
#include <charconv>

namespace konekwa::wa {
namespace {

const AttrValue* find(const Node::Attrs& attrs, std::string_view key) {
  for (const auto& [name, value] : attrs) {
    if (name == key) return &value;
  }
  return nullptr;
}

void replace(Node::Attrs& attrs, std::string key, AttrValue value) {
  for (auto& [name, present] : attrs) {
    if (name == key) {
      present = std::move(value);
      return;
    }
  }
  attrs.emplace_back(std::move(key), std::move(value));
}

std::string text_of(const AttrValue& value) {
  if (const auto* jid = std::get_if<Jid>(&value)) return to_string(*jid);
  return std::get<std::string>(value);
}

// Attributes come from the peer and end in one line of a log.
std::string printable(std::string text) {
  for (auto& c : text) {
    if (c < ' ' || c >= 0x7f || c == '"') c = '?';
  }
  return text;
}

void print(const Node& node, std::string& out) {
  out.append("<").append(printable(node.tag));
  for (const auto& [key, value] : node.attrs) {
    out.append(" ").append(printable(key)).append("=\"").append(printable(text_of(value))).append("\"");
  }
  if (const auto* octets = std::get_if<Bytes>(&node.content)) {
    out.append(">").append(std::to_string(octets->size())).append(" octets</").append(printable(node.tag)).append(">");
    return;
  }
  if (node.children().empty()) {
    out.append("/>");
    return;
  }
  out.append(">");
  for (const auto& child : node.children()) print(child, out);
  out.append("</").append(printable(node.tag)).append(">");
}

}  // namespace

Node& Node::set(std::string key, std::string value) & {
  replace(attrs, std::move(key), AttrValue(std::move(value)));
  return *this;
}

Node& Node::set(std::string key, Jid value) & {
  replace(attrs, std::move(key), AttrValue(std::move(value)));
  return *this;
}

Node& Node::add(Node child) & {
  if (!std::holds_alternative<Children>(content)) content = Children();
  std::get<Children>(content).push_back(std::move(child));
  return *this;
}

void Node::erase(std::string_view key) {
  std::erase_if(attrs, [key](const auto& attr) { return attr.first == key; });
}

bool Node::has(std::string_view key) const { return find(attrs, key) != nullptr; }

std::string Node::attr(std::string_view key) const {
  const auto* value = find(attrs, key);
  return value ? text_of(*value) : std::string();
}

std::optional<Jid> Node::jid(std::string_view key) const {
  const auto* value = find(attrs, key);
  if (!value) return std::nullopt;
  if (const auto* jid = std::get_if<Jid>(value)) return *jid;
  return Jid::parse(std::get<std::string>(*value));
}

std::optional<std::int64_t> Node::number(std::string_view key) const {
  const auto* value = find(attrs, key);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  if (!text || text->empty()) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

const Node* Node::child(std::string_view name) const {
  for (const auto& node : children()) {
    if (node.tag == name) return &node;
  }
  return nullptr;
}

const Node* Node::first_child() const { return children().empty() ? nullptr : &children().front(); }

const Node::Children& Node::children() const {
  static const Children kNone;
  const auto* list = std::get_if<Children>(&content);
  return list ? *list : kNone;
}

std::vector<const Node*> Node::children(std::string_view name) const {
  std::vector<const Node*> found;
  for (const auto& node : children()) {
    if (node.tag == name) found.push_back(&node);
  }
  return found;
}

ByteView Node::bytes() const {
  const auto* octets = std::get_if<Bytes>(&content);
  return octets ? ByteView(*octets) : ByteView();
}

std::string to_string(const Node& node) {
  std::string out;
  print(node, out);
  return out;
}

}  // namespace konekwa::wa
