#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/sandbox/mailbox.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

Json call(Town& town, int status, const std::string& method, const std::string& target, const std::string& body = {}) {
  const sandbox::SandboxAnswer answer = town.sandbox->admin(method, target, body);
  INFO(method + " " + target + ": " + answer.body);
  CHECK(answer.status == status);
  const auto json = parse_json(answer.body);
  REQUIRE(json);
  return *json;
}

std::string error_of(const Json& json) { return json.at("error").at("code").get<std::string>(); }

}  // namespace

TEST_CASE("accounts are made, listed and written between over the admin API", "[sandbox]") {
  Town town;
  const Json toko =
      call(town, 200, "POST", "/admin/accounts", R"({"push_name":"toko","phone_number":"6281234567890"})");
  CHECK(toko.at("phone_number") == "6281234567890");
  CHECK(toko.at("devices").size() == 1);
  const Json pelanggan = call(town, 200, "POST", "/admin/accounts", R"({"push_name":"pelanggan"})");
  const std::string number = pelanggan.at("phone_number").get<std::string>();
  CHECK(number.size() >= 8);
  CHECK(call(town, 200, "GET", "/admin/accounts").at("accounts").size() == 2);

  const Json said =
      call(town, 200, "POST", "/admin/accounts/6281234567890/say", R"({"to":")" + number + R"(","text":"hi"})");
  town.loop.run_until_idle();
  const Json inbox = call(town, 200, "GET", "/admin/accounts/" + number + "/inbox");
  REQUIRE(inbox.at("messages").size() == 1);
  CHECK(inbox.at("messages")[0].at("id") == said.at("id"));
  CHECK(inbox.at("messages")[0].at("text") == "hi");
  CHECK(inbox.at("messages")[0].at("from") == "6281234567890");
  call(town, 200, "POST", "/admin/accounts/" + number + "/read", Json{{"id", said.at("id")}}.dump());
  town.loop.run_until_idle();
  const Json sent = call(town, 200, "GET", "/admin/accounts/6281234567890/sent");
  CHECK(sent.at("messages")[0].at("receipts").size() == 2);
  CHECK(sent.at("messages")[0].at("receipts")[1].at("type") == "read");
}

TEST_CASE("a push name always leads to the same number", "[sandbox]") {
  Town one, other;
  CHECK(one.sandbox->create_account("toko") == other.sandbox->create_account("toko"));
}

TEST_CASE("wrong calls of the admin API are answered with the reason", "[sandbox]") {
  Town town;
  call(town, 200, "POST", "/admin/accounts", R"({"phone_number":"6281234567890"})");
  CHECK(error_of(call(town, 409, "POST", "/admin/accounts", R"({"phone_number":"6281234567890"})")) == "CONFLICT");
  CHECK(error_of(call(town, 400, "POST", "/admin/accounts", R"({"phone_number":"0"})")) == "INVALID_REQUEST");
  CHECK(error_of(call(town, 400, "POST", "/admin/accounts", "{")) == "INVALID_JSON");
  CHECK(error_of(call(town, 400, "POST", "/admin/accounts", "[]")) == "INVALID_REQUEST");
  CHECK(error_of(call(town, 404, "GET", "/admin/accounts/6289999999999/inbox")) == "NOT_FOUND");
  CHECK(error_of(call(town, 404, "GET", "/admin/nothing")) == "NOT_FOUND");
  CHECK(error_of(call(town, 405, "DELETE", "/admin/accounts")) == "METHOD_NOT_ALLOWED");
  CHECK(error_of(call(town, 400, "POST", "/admin/mock-phone/scan-qr", "no code")) == "INVALID_REQUEST");
  CHECK(error_of(call(town, 400, "POST", "/admin/faults", R"({"rain":1})")) == "INVALID_REQUEST");
  CHECK(error_of(call(town, 400, "POST", "/admin/version", R"({"minimum":"x"})")) == "INVALID_REQUEST");
  CHECK(error_of(call(town, 400, "DELETE", "/admin/accounts/6281234567890/devices/x")) == "INVALID_REQUEST");
  const Json refused = call(town, 404, "POST", "/admin/accounts/6281234567890/say", R"({"to":"1","text":"x"})");
  CHECK(error_of(refused) == "NOT_FOUND");
}

TEST_CASE("a QR code is scanned by the account that is named", "[sandbox]") {
  Town town;
  Device device(town);
  const std::string qr = device.show_qr();
  const Json scanned = call(town, 200, "POST", "/admin/mock-phone/scan-qr?phone=6281234567890", qr + "\n");
  CHECK(scanned.at("phone_number") == "6281234567890");
  CHECK(scanned.at("device") == 1);
  CHECK(call(town, 200, "GET", "/admin/state").at("connections") == 1);
  CHECK(call(town, 200, "POST", "/admin/disconnect").at("disconnected") == 1);
  town.loop.run_until_idle();
  CHECK_FALSE(device.is_connected());
}

TEST_CASE("each new account founds a group when it was told so", "[sandbox]") {
  Town town;
  town.sandbox->create_account("Anna", "6281234567890");
  CHECK(call(town, 200, "POST", "/admin/newcomers", R"({"group":"Family"})").at("group") == "Family");
  town.sandbox->create_account("Budi", "6281234567891");
  call(town, 200, "POST", "/admin/newcomers", R"({"group":""})");
  town.sandbox->create_account("Citra", "6281234567892");
  const Json groups = call(town, 200, "GET", "/admin/groups").at("groups");
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].at("subject") == "Family");
  CHECK(groups[0].at("creator") == "6281234567891");
  CHECK(groups[0].at("members").size() == 1);
  call(town, 400, "POST", "/admin/newcomers", Json{{"group", std::string(101, 'a')}}.dump());
}

TEST_CASE("a mailbox keeps order, and what is sent until it is settled", "[sandbox]") {
  sandbox::Mailbox mailbox;
  const auto stanza = [](const char* tag, const char* id, std::uint16_t device) {
    return wa::Node(tag, {{"id", id}, {"from", wa::Jid::lid("100", device)}});
  };
  mailbox.push(stanza("message", "1", 0));
  mailbox.push(stanza("receipt", "1", 0));
  mailbox.push(stanza("receipt", "1", 1));
  CHECK(mailbox.take_unsent()->tag == "message");
  CHECK(mailbox.unsent() == 2);
  mailbox.rewind();
  CHECK(mailbox.take_unsent()->tag == "message");
  CHECK(mailbox.settle("message", "1", wa::Jid::lid("100")));
  CHECK_FALSE(mailbox.settle("message", "1", std::nullopt));
  CHECK(mailbox.settle("receipt", "1", wa::Jid::lid("100", 1)));
  REQUIRE(mailbox.stanzas().size() == 1);
  CHECK(mailbox.take_unsent()->jid("from") == wa::Jid::lid("100"));
  CHECK(mailbox.take_unsent() == nullptr);
}

}  // namespace konekwa::test
