// A hostile contact spoils a good message of each kind in each way. To add an attack, add a row.
#include <catch2/catch.hpp>

#include "daemon/wa/groups.h"
#include "tests/sim/hostile_stage.h"

using namespace konekwa;
using namespace konekwa::sim;

namespace {

constexpr int kDeep = 100;

struct Spoiling {
  const char* name;
  void (*run)(Stage& stage, const Bytes& message);
};

Bytes flipped(Bytes octets, std::size_t at) {
  if (!octets.empty()) octets[at % octets.size()] ^= 0x55;
  return octets;
}

Bytes head(const Bytes& octets, std::size_t size) {
  return to_bytes(ByteView(octets).first(std::min(size, octets.size())));
}

void send_ciphertext(Stage& stage, std::string type, Bytes octets, const char* version = "2") {
  wa::Node enc = HostilePeer::enc(std::move(type), std::move(octets));
  enc.erase("v");
  enc.set("v", version);
  wa::Node stanza = stage.peer.stanza(stage.peer.new_id());
  stanza.add(std::move(enc));
  stage.peer.deliver(std::move(stanza));
}

void send_padded(Stage& stage, const Bytes& padded) {
  wa::Ciphertext sealed = stage.peer.encrypt(padded);
  send_ciphertext(stage, std::string(to_string(sealed.type)), std::move(sealed.bytes));
}

void send_message(Stage& stage, const Bytes& message) { send_padded(stage, stage.peer.pad(message)); }

// --- plaintext ---

void as_it_is(Stage& stage, const Bytes& message) { send_message(stage, message); }

void truncated(Stage& stage, const Bytes& message) {
  for (const std::size_t size : {message.size() / 4, message.size() / 2, message.size() * 3 / 4, message.size() - 1}) {
    send_message(stage, head(message, size));
  }
}

void bits_flipped(Stage& stage, const Bytes& message) {
  for (std::size_t at = 0; at < message.size(); at += 1 + message.size() / 16) {
    send_message(stage, flipped(message, at));
  }
}

void lengths_that_lie(Stage& stage, const Bytes& message) {
  Bytes longer = message, shorter = message;
  if (message.size() > 1) {
    longer[1] = 0x7F;
    shorter[1] = 0;
  }
  send_message(stage, longer);
  send_message(stage, shorter);
  send_message(stage, concat({head(message, 1), Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x7F}, message}));
}

void oversized(Stage& stage, const Bytes& message) {
  send_message(stage, concat({message, field(9999, Bytes(2 << 20, 'x'))}));
}

void said_a_thousand_times(Stage& stage, const Bytes& message) {
  Bytes all;
  for (int i = 0; i < 1000; ++i) append(all, message);
  send_message(stage, all);
}

void no_protobuf(Stage& stage, const Bytes& message) {
  send_message(stage, stage.world.random.bytes(message.size() + 1));
  send_message(stage, Bytes(message.size(), 0xFF));
  send_message(stage, {});
}

void badly_padded(Stage& stage, const Bytes& message) {
  send_padded(stage, message);                               // none at all
  send_padded(stage, concat({message, Bytes{0}}));
  send_padded(stage, concat({message, Bytes{2, 3}}));
  send_padded(stage, concat({message, Bytes(255, 255)}));    // longer than others make it, and right
  send_padded(stage, Bytes(16, 16));
  send_padded(stage, {5});
  send_padded(stage, {});
}

// --- nesting ---

template <class Wrap>
Bytes deep(Bytes message, Wrap wrap) {
  for (int i = 0; i < kDeep; ++i) message = wrap(message);
  return message;
}

void wrapped_deep(Stage& stage, const Bytes& message) {
  for (const std::uint32_t wrapper : {37, 40, 53, 55, 58, 59, 104}) {
    send_message(stage, deep(message, [&](const Bytes& inner) { return field(wrapper, field(1, inner)); }));
  }
  // As deep as protobuf still reads it.
  Bytes less = message;
  for (int i = 0; i < 40; ++i) less = field(i % 2 == 0 ? 40 : 55, field(1, less));
  send_message(stage, less);
}

void device_sent_deep(Stage& stage, const Bytes& message) {
  const Bytes destination = field(1, as_bytes("100000000000001@lid"));
  const auto wrap = [&](const Bytes& inner) { return field(31, concat({destination, field(2, inner)})); };
  send_message(stage, wrap(message));
  send_message(stage, wrap(wrap(message)));
  send_message(stage, deep(message, wrap));
}

void quoted_deep(Stage& stage, const Bytes& message) {
  send_message(stage, deep(message, [](const Bytes& inner) {
    const Bytes context = concat({field(1, as_bytes("3EB0AA")), field(2, as_bytes("628@s.whatsapp.net")),
                                  field(3, inner)});
    return field(6, concat({field(1, as_bytes("re")), field(17, context)}));
  }));
}

void edited_deep(Stage& stage, const Bytes& message) {
  send_message(stage, deep(message, [](const Bytes& inner) {
    const Bytes key = field(3, as_bytes("3EB0AA"));
    return field(12, concat({field(1, key), number_field(2, 14), field(14, inner)}));
  }));
}

void groups_of_protobuf_deep(Stage& stage, const Bytes& message) {
  Bytes opened = message;
  for (int i = 0; i < 20'000; ++i) opened.push_back(0x0B);   // a group begins, and never ends
  send_message(stage, opened);
}

// --- ciphertext ---

void ciphertext_flipped(Stage& stage, const Bytes& message) {
  const wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(message));
  const std::string type(to_string(sealed.type));
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, sealed.bytes.size() / 2, sealed.bytes.size() - 1}) {
    send_ciphertext(stage, type, flipped(sealed.bytes, at));
  }
}

void ciphertext_of_wrong_type(Stage& stage, const Bytes& message) {
  const wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(message));
  for (const char* type : {"msg", "pkmsg", "skmsg", "frskmsg", "none", ""}) {
    send_ciphertext(stage, type, sealed.bytes);
  }
}

void ciphertext_of_wrong_version(Stage& stage, const Bytes& message) {
  for (const char* version : {"0", "1", "3", "-1", "two", ""}) {
    wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(message));
    send_ciphertext(stage, std::string(to_string(sealed.type)), std::move(sealed.bytes), version);
  }
}

void ciphertext_of_wrong_length(Stage& stage, const Bytes& message) {
  const wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(message));
  const std::string type(to_string(sealed.type));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8}, sealed.bytes.size() - 1}) {
    send_ciphertext(stage, type, head(sealed.bytes, size));
  }
  send_ciphertext(stage, type, concat({sealed.bytes, sealed.bytes}));
  send_ciphertext(stage, type, Bytes(1 << 20, 0x33));
}

void sent_twice(Stage& stage, const Bytes& message) {
  const wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(message));
  for (int i = 0; i < 2; ++i) send_ciphertext(stage, std::string(to_string(sealed.type)), sealed.bytes);
}

void far_ahead(Stage& stage, const Bytes& message) {
  const Bytes padded = stage.peer.pad(message);
  for (int i = 0; i < 30; ++i) (void)stage.peer.encrypt(padded);   // lost on the way
  send_padded(stage, padded);
}

// --- in a group ---

void deliver_in_group(Stage& stage, std::vector<wa::Node> parts) {
  wa::Node stanza = stage.peer.stanza_in_group(stage.peer.new_id(), stage.group);
  for (wa::Node& part : parts) stanza.add(std::move(part));
  stage.peer.deliver(std::move(stanza));
}

wa::Node group_key(Stage& stage) {
  wa::Ciphertext key = stage.peer.encrypt(stage.peer.pad(stage.peer.key_for_group(stage.group)));
  return HostilePeer::enc(std::string(to_string(key.type)), std::move(key.bytes));
}

wa::Node group_text(Stage& stage, const Bytes& padded) {
  return HostilePeer::enc("skmsg", stage.peer.encrypt_for_group(stage.group, padded));
}

void in_a_group(Stage& stage, const Bytes& message) {
  deliver_in_group(stage, {group_key(stage), group_text(stage, stage.peer.pad(message))});
  deliver_in_group(stage, {group_text(stage, stage.peer.pad(head(message, message.size() / 2)))});
  deliver_in_group(stage, {group_text(stage, message)});     // without padding
}

void in_a_group_wrongly_encrypted(Stage& stage, const Bytes& message) {
  const wa::Node text = group_text(stage, stage.peer.pad(message));
  for (const std::size_t at : {std::size_t{0}, text.bytes().size() / 2, text.bytes().size() - 1}) {
    deliver_in_group(stage, {HostilePeer::enc("skmsg", flipped(to_bytes(text.bytes()), at))});
  }
  deliver_in_group(stage, {HostilePeer::enc("msg", to_bytes(text.bytes()))});
  stage.peer.forget_group_key(stage.group);
  deliver_in_group(stage, {group_text(stage, stage.peer.pad(message))});     // under a key that nobody has
  wa::Node outside = stage.peer.stanza(stage.peer.new_id());
  outside.add(group_text(stage, stage.peer.pad(message)));
  stage.peer.deliver(std::move(outside));
}

void in_a_group_with_a_spoiled_key(Stage& stage, const Bytes& message) {
  const Bytes good = stage.peer.key_for_group(stage.group);
  for (const Bytes& key : {head(good, good.size() - 5), flipped(good, good.size() - 1), flipped(good, good.size() / 2),
                           wa::encode_key_distribution(stage.group, Bytes(1 << 20, 0x33))}) {
    wa::Ciphertext sealed = stage.peer.encrypt(stage.peer.pad(key));
    deliver_in_group(stage, {HostilePeer::enc(std::string(to_string(sealed.type)), std::move(sealed.bytes)),
                             group_text(stage, stage.peer.pad(message))});
  }
}

constexpr Spoiling kSpoilings[] = {
    {"as it is", as_it_is},
    {"truncated", truncated},
    {"bits flipped", bits_flipped},
    {"lengths that lie", lengths_that_lie},
    {"oversized", oversized},
    {"said a thousand times", said_a_thousand_times},
    {"no protobuf", no_protobuf},
    {"badly padded", badly_padded},
    {"wrapped 100 deep", wrapped_deep},
    {"device sent 100 deep", device_sent_deep},
    {"quoted 100 deep", quoted_deep},
    {"edited 100 deep", edited_deep},
    {"groups of protobuf", groups_of_protobuf_deep},
    {"ciphertext flipped", ciphertext_flipped},
    {"ciphertext of a wrong type", ciphertext_of_wrong_type},
    {"ciphertext of a wrong version", ciphertext_of_wrong_version},
    {"ciphertext of a wrong length", ciphertext_of_wrong_length},
    {"sent twice", sent_twice},
    {"far ahead", far_ahead},
    {"in a group", in_a_group},
    {"in a group, wrongly encrypted", in_a_group_wrongly_encrypted},
    {"in a group with a spoiled key", in_a_group_with_a_spoiled_key},
};

}  // namespace

TEST_CASE("a spoiled message of any kind costs nothing but itself", "[hostile]") {
  for (const Spoiling& spoiling : kSpoilings) {
    Stage stage;
    for (const Sample& sample : samples()) {
      INFO(spoiling.name << ": " << sample.name);
      const auto findings = stage.attack([&](Stage& on) { spoiling.run(on, sample.message); });
      CHECK(findings == std::vector<std::string>{});
    }
  }
}

TEST_CASE("what the hostile contact does not spoil is opened", "[hostile]") {
  Stage stage;
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    CHECK(stage.attack([&](Stage& on) {
            on.peer.send(sample.message);
            on.peer.send_in_group(on.group, sample.message);
          }) == std::vector<std::string>{});
  }
  CHECK(stage.peer.asked_again() == 0);
  // But for what devices tell each other, each is a row or an event, in both chats.
  CHECK(stage.count("SELECT count(*) FROM messages WHERE chat_id LIKE '%@g.us' AND outbound = 0") > 30);
}

TEST_CASE("nobody changes or deletes what another wrote", "[hostile]") {
  Stage stage;
  const auto ask = [&](const std::string& chat, const std::string& id, std::uint32_t type) {
    const Bytes key = concat({field(1, as_bytes(chat)), field(3, as_bytes(id)), field(4, as_bytes("1@lid"))});
    const Bytes edited = field(14, wa::encode_text("something else"));
    return field(12, concat({field(1, key), number_field(2, type), type == 14 ? edited : Bytes()}));
  };
  const auto private_id = stage.world.network->say(stage.bystander, stage.world.own_number, "between us");
  const auto group_id = stage.world.network->say(stage.bystander, to_string(stage.group), "to all");
  stage.world.loop.advance(minutes(1));
  REQUIRE(stage.message("to all").wa_message_id == *group_id);
  const auto attack = [&](Stage& on) {
    for (const std::uint32_t type : {0, 14}) {
      on.peer.send(ask(to_string(on.group), *group_id, type));
      on.peer.send(ask(on.bystander + "@s.whatsapp.net", *private_id, type));
      on.peer.send_in_group(on.group, ask(to_string(on.group), *group_id, type));
      on.peer.send_in_group(on.group, ask(to_string(on.group), *private_id, type));
    }
  };
  CHECK(stage.attack(attack) == std::vector<std::string>{});
  // What was said of messages that are not in that chat is told, and is about nothing.
  CHECK(stage.count("SELECT count(*) FROM events WHERE event_type = 'message.edited'") == 3);
  CHECK(stage.count("SELECT count(*) FROM events WHERE event_type = 'message.revoked'") == 3);
  for (const char* text : {"between us", "to all"}) {
    CHECK(stage.message(text).fields.find("revoked_at") == std::string::npos);
    CHECK(stage.message(text).fields.find("edited_at") == std::string::npos);
  }
}
