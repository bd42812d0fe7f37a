#include "daemon/wa/content.h"
#include "daemon/wa/stanzas.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

constexpr const char* kAnna = "6281234567890";
constexpr const char* kBudi = "6281234567891";
constexpr const char* kCitra = "6281234567892";

// Three phones in a group that Anna made; Budi has a linked device too.
struct Hamlet : Town {
  explicit Hamlet(sandbox::Options o = {}) : Town(std::move(o)) {
    sandbox->create_account("Anna", kAnna);
    budi.link(kBudi);
    budi.come_up();
    sandbox->create_account("Citra", kCitra);
    const std::string members = R"(["6281234567891","6281234567892"])";
    const std::string made =
        admin("POST", "groups", R"({"subject":"Arisan","creator":"6281234567890","members":)" + members + "}");
    group = {made.substr(made.find("120363"), 18), wa::Server::Group, 0};
    loop.run_until_idle();
    budi.heard.clear();
  }

  std::string say(const char* number, const std::string& text) {
    const auto id = sandbox->say(number, to_string(group), text);
    REQUIRE(id);
    loop.run_until_idle();
    return *id;
  }

  void change(const char* action, const char* number) {
    const std::string target = "groups/" + group.user + "/" + action;
    CHECK(admin("POST", target, std::string(R"({"numbers":[")") + number + R"("]})").starts_with("200"));
    loop.run_until_idle();
  }

  std::vector<std::string> texts_at(const char* number) const {
    std::vector<std::string> texts;
    for (const auto& seen : sandbox->inbox(number)) texts.push_back(seen.text);
    return texts;
  }

  // What Budi's device makes of a group message; "" when it cannot.
  std::string read(const wa::Node& message) {
    std::string text;
    for (const wa::Node* enc : message.children("enc")) {
      const auto type = wa::enc_type_from(enc->attr("type"));
      const wa::Jid sender = *message.jid("participant");
      const auto padded = type == wa::EncType::SkMsg
                              ? budi.signal->sender_keys().decrypt(group, sender, enc->bytes())
                              : budi.signal->decrypt(sender, *type, enc->bytes());
      if (!padded) return "";
      const auto content = wa::parse_content(*wa::unpad(*padded));
      REQUIRE(content);
      if (content->sender_key) {
        CHECK(budi.signal->sender_keys().accept(group, sender, content->sender_key->distribution));
      }
      text = content->text;
    }
    budi.send(wa::delivery_receipt(message, wa::ReceiptKind::Delivered));
    return text;
  }

  wa::Jid group;
  Device budi{*this};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("phones talk in a group", "[sandbox][groups]") {
  Hamlet town;
  town.say(kAnna, "hello");
  town.say(kCitra, "hi");
  town.say(kAnna, "good");
  CHECK(town.texts_at(kBudi) == Texts{"hello", "hi", "good"});
  CHECK(town.texts_at(kCitra) == Texts{"hello", "good"});
  const auto seen = town.sandbox->inbox(kBudi);
  CHECK(seen[1].from == kCitra);
  CHECK(seen[1].chat == to_string(town.group));
  CHECK_FALSE(seen[1].from_me);
}

TEST_CASE("a phone hands its key to each device once, and another when one has left", "[sandbox][groups]") {
  Hamlet town;
  const auto parts = [&] { return town.budi.last("message")->children("enc").size(); };
  town.say(kAnna, "one");
  CHECK(parts() == 2);
  CHECK(town.read(*town.budi.last("message")) == "one");
  town.say(kAnna, "two");
  CHECK(parts() == 1);
  CHECK(town.read(*town.budi.last("message")) == "two");
  town.say(kBudi, "from my own phone");
  CHECK(town.budi.last("message")->jid("participant") == town.budi.lid.user_jid());
  CHECK(town.read(*town.budi.last("message")) == "from my own phone");

  town.change("remove", kCitra);
  town.say(kAnna, "three");
  CHECK(parts() == 2);
  CHECK(town.read(*town.budi.last("message")) == "three");
  CHECK(town.texts_at(kCitra) == Texts{"one", "two", "from my own phone"});
  CHECK(town.sandbox->say(kCitra, to_string(town.group), "me too").error().code == ErrorCode::CONFLICT);
  town.change("add", kCitra);
  town.say(kAnna, "four");
  CHECK(parts() == 1);
  CHECK(town.texts_at(kCitra).back() == "four");
}

TEST_CASE("a phone encrypts again for a group's device that asks, with its key", "[sandbox][groups]") {
  Hamlet town;
  const std::string id = town.say(kAnna, "one");
  const wa::Node message = *town.budi.last("message");
  town.budi.send(wa::retry_receipt(message, 1, town.budi.identity, std::nullopt));
  REQUIRE(town.budi.all("message").size() == 2);
  const wa::Node again = *town.budi.last("message");
  CHECK(again.attr("id") == id);
  CHECK(again.jid("from") == town.group);
  CHECK(again.child("enc")->attr("count") == "1");
  CHECK(again.children("enc").size() == 1);
  CHECK(town.texts_at(kBudi) == Texts{"one"});

  // The first of them was lost: the second alone has all that is needed, for the next one too.
  town.budi.signal->sender_keys().forget(town.group, *message.jid("participant"));
  CHECK(town.read(again) == "one");
  town.say(kAnna, "two");
  CHECK(town.read(*town.budi.last("message")) == "two");
  const std::string sent = town.admin("GET", std::string("accounts/") + kAnna + "/sent");
  CHECK(sent.find(to_string(town.budi.lid)) != sent.npos);
}

TEST_CASE("a phone without a sender's key asks again, and its read receipts name the author", "[sandbox][groups]") {
  Hamlet town;
  SECTION("asks") {
    wa::Node message("message", {{"to", town.group}, {"id", "B1"}, {"type", "text"}});
    const wa::Jid self = town.budi.lid;
    REQUIRE(town.budi.signal->sender_keys().distribution(town.group, self));
    const Bytes padded = wa::pad(wa::encode_text("x"), town.random);
    const auto skmsg = town.budi.signal->sender_keys().encrypt(town.group, self, padded);
    message.add(wa::Node("enc", {{"v", "2"}, {"type", "skmsg"}}, *skmsg));
    town.budi.send(message);
    const auto asked = town.budi.all("receipt", "retry");
    REQUIRE(asked.size() == 3);   // the phones of Anna, Citra and Budi
    CHECK(asked[0].jid("from") == town.group);
    CHECK(asked[0].child("keys"));
    CHECK(town.texts_at(kAnna).empty());
  }
  SECTION("reads") {
    const std::string id = town.say(kAnna, "one");
    CHECK(town.sandbox->read(kCitra, id));
    town.loop.run_until_idle();
    const std::string sent = town.admin("GET", std::string("accounts/") + kAnna + "/sent");
    CHECK(sent.find(R"("type":"read")") != sent.npos);
  }
}

TEST_CASE("a restart keeps the phones' sender keys", "[sandbox][groups]") {
  TempDir dir;
  sandbox::Options options;
  options.state_dir = dir.path();
  Hamlet town(options);
  town.say(kAnna, "one");
  town.say(kCitra, "two");
  CHECK(town.read(town.budi.all("message").front()) == "one");
  town.restart();
  town.say(kAnna, "three");
  CHECK(town.texts_at(kCitra) == Texts{"one", "three"});
  CHECK(town.texts_at(kBudi) == Texts{"one", "two", "three"});
  town.budi.come_up();
  CHECK(town.budi.last("message")->children("enc").size() == 1);
  CHECK(town.read(*town.budi.last("message")) == "three");
}

}  // namespace konekwa::test
