// Three people with a linked device each, and one with only a phone: what tests of groups begin with.
#pragma once

#include "daemon/wa/stanzas.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {

inline constexpr const char* kAnna = "6281234567890";
inline constexpr const char* kBudi = "6281234567891";
inline constexpr const char* kCitra = "6281234567892";
inline constexpr const char* kDewi = "6281234567893";

// Phones are off: these tests are of the server.
struct Village : Town {
  Village() {
    sandbox->create_account("Dewi", kDewi);
    for (auto& [device, number] : {std::pair<Device&, const char*>{anna, kAnna}, {budi, kBudi}, {citra, kCitra}}) {
      device.link(number);
      device.come_up();
    }
    for (const char* number : {kAnna, kBudi, kCitra, kDewi}) CHECK(sandbox->set_phone_online(number, false));
    loop.advance(seconds(10));
    forget();
  }

  void forget() {
    for (Device* device : {&anna, &budi, &citra}) device->heard.clear();
  }

  // Anna makes a group with these; its address.
  wa::Jid make_group(const std::vector<wa::Jid>& members) {
    wa::Node create("create", {{"subject", "Arisan"}});
    for (const wa::Jid& jid : members) create.add(wa::Node("participant", {{"jid", jid}}));
    const wa::Node answer = ask(anna, wa::Jid{"", wa::Server::Group, 0}, "set", create);
    REQUIRE(answer.child("group"));
    return {answer.child("group")->attr("id"), wa::Server::Group, 0};
  }

  wa::Jid make_group() { return make_group({budi.lid.user_jid(), citra.pn.user_jid()}); }

  wa::Node ask(Device& device, const wa::Jid& to, const std::string& type, wa::Node child) {
    wa::Node iq("iq", {{"to", to}, {"type", type}, {"xmlns", "w:g2"}, {"id", device.new_id()}});
    iq.add(std::move(child));
    return device.ask(iq);
  }

  wa::Node change(Device& device, const wa::Jid& group, const std::string& action, const wa::Jid& whom) {
    wa::Node node(action);
    node.add(wa::Node("participant", {{"jid", whom}}));
    return ask(device, group, "set", node);
  }

  Device anna{*this}, budi{*this}, citra{*this};
};

inline std::string error_of(const wa::Node& answer) {
  return answer.child("error") ? answer.child("error")->attr("code") : answer.attr("type");
}

}  // namespace konekwa::test
