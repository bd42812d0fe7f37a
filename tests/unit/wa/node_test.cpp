#include "daemon/wa/node.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

TEST_CASE("attributes are set, replaced, read and erased") {
  Node node("iq");
  node.set("id", "1").set("to", Jid::pn("123", 4)).set_number("count", -5).set("id", "2");
  CHECK(node.attrs.size() == 3);
  CHECK(node.attr("id") == "2");
  CHECK(node.attr("to") == "123:4@s.whatsapp.net");
  CHECK(node.jid("to") == Jid::pn("123", 4));
  CHECK(node.number("count") == -5);
  CHECK(node.has("count"));
  node.erase("count");
  CHECK_FALSE(node.has("count"));
}

TEST_CASE("missing or unfit attributes are empty") {
  const Node node("iq", {{"text", "12x"}, {"huge", "99999999999999999999"}, {"to", Jid::pn("1")}});
  CHECK(node.attr("absent").empty());
  CHECK_FALSE(node.jid("absent"));
  CHECK_FALSE(node.jid("text"));
  CHECK_FALSE(node.number("absent"));
  CHECK_FALSE(node.number("text"));
  CHECK_FALSE(node.number("huge"));
  CHECK_FALSE(node.number("to"));
}

TEST_CASE("an address as text is an address all the same") {
  CHECK(Node("iq", {{"from", "123@lid"}}).jid("from") == Jid::lid("123"));
}

TEST_CASE("children are found by name") {
  Node node("list");
  node.add(Node("a", {{"n", "1"}})).add(Node("b")).add(Node("a", {{"n", "2"}}));
  CHECK(node.child("a")->attr("n") == "1");
  CHECK(node.child("c") == nullptr);
  CHECK(node.first_child()->tag == "a");
  CHECK(node.children("a").size() == 2);
  CHECK(node.children().size() == 3);
  CHECK(Node("leaf").first_child() == nullptr);
  CHECK(Node("leaf").bytes().empty());
  CHECK(Node("leaf", {}, to_bytes("x")).text() == "x");
}

TEST_CASE("nodes print on one line and keep octets to themselves") {
  Node node("iq", {{"to", Jid::of_server()}, {"id", "a\nb\"c"}});
  node.add(Node("ping")).add(Node("key", {}, Bytes(32)));
  CHECK(to_string(node) == R"(<iq to="s.whatsapp.net" id="a?b?c"><ping/><key>32 octets</key></iq>)");
}
