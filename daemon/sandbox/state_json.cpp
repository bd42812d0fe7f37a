#include "daemon/sandbox/state_json.h"

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/sandbox/group_json.h"
#include "daemon/sandbox/network.h"
#include "daemon/sandbox/phone.h"
#include "daemon/wa/node_codec.h"

namespace konekwa::sandbox {
namespace {

constexpr int kStateVersion = 1;

// What a state file cannot be wrong in without being no state file: thrown and caught in this file.
struct Unreadable {
  std::string what;
};

std::string text_of(ByteView bytes) { return to_base64(bytes); }

Bytes bytes_of(const Json& json) {
  auto bytes = from_base64(json.get<std::string>());
  if (!bytes) throw Unreadable{"a value is not base64"};
  return std::move(*bytes);
}

template <std::size_t N>
std::array<std::uint8_t, N> array_of(const Json& json) {
  const auto array = to_array<N>(bytes_of(json));
  if (!array) throw Unreadable{"a key has the wrong length"};
  return *array;
}

wa::Jid jid_of(const Json& json) {
  const auto jid = wa::Jid::parse(json.get<std::string>());
  if (!jid) throw Unreadable{"a value is not a jid"};
  return *jid;
}

Time time_of(const Json& json) { return from_unix_ms(json.get<std::int64_t>()); }

Json json_of(const wa::KeyPair& pair) { return text_of(pair.private_key); }
wa::KeyPair key_pair_of(const Json& json) { return wa::key_pair_from_private(array_of<32>(json)); }

Json json_of(const KeyStock& keys) {
  Bytes prekeys;
  for (const KeyStock::OneTime& one : keys.prekeys) {
    append(prekeys, big_endian(one.id, 3));
    append(prekeys, one.key);
  }
  Json issued = Json::array();
  for (const auto& [id, one] : keys.issued) issued.push_back({id, to_string(one.to), text_of(one.base_key)});
  return {{"registration_id", keys.registration_id},
          {"identity", text_of(keys.identity)},
          {"signed_prekey_id", keys.signed_prekey.id},
          {"signed_prekey", text_of(keys.signed_prekey.key.public_key)},
          {"signed_prekey_signature", text_of(keys.signed_prekey.signature)},
          {"signed_prekey_ids", keys.signed_prekey_ids},
          {"prekeys", text_of(prekeys)},
          {"issued", issued}};
}

KeyStock key_stock_of(const Json& json) {
  constexpr std::size_t kEntryBytes = 3 + 32;
  KeyStock keys;
  keys.registration_id = json.at("registration_id").get<std::uint32_t>();
  keys.identity = array_of<32>(json.at("identity"));
  keys.signed_prekey.id = json.at("signed_prekey_id").get<std::uint32_t>();
  keys.signed_prekey.key.public_key = array_of<32>(json.at("signed_prekey"));
  keys.signed_prekey.signature = array_of<64>(json.at("signed_prekey_signature"));
  keys.signed_prekey_ids = json.at("signed_prekey_ids").get<std::set<std::uint32_t>>();
  const Bytes prekeys = bytes_of(json.at("prekeys"));
  for (std::size_t at = 0; at + kEntryBytes <= prekeys.size(); at += kEntryBytes) {
    const ByteView entry = ByteView(prekeys).subspan(at, kEntryBytes);
    const auto id = static_cast<std::uint32_t>(read_big_endian(entry.first(3)));
    keys.prekeys.push_back({id, *to_array<32>(entry.subspan(3))});
  }
  for (const Json& one : json.at("issued")) {
    keys.issued[one.at(0).get<std::uint32_t>()] = {jid_of(one.at(1)), bytes_of(one.at(2))};
  }
  return keys;
}

Json json_of(const Device& device) {
  Json mail = Json::array();
  for (const wa::Node& stanza : device.mailbox.stanzas()) mail.push_back(text_of(wa::encode_node(stanza)));
  return {{"id", device.id},
          {"key_index", device.key_index},
          {"noise_public", text_of(device.noise_public)},
          {"keys", json_of(device.keys)},
          {"device_identity", text_of(device.device_identity)},
          {"linked_at", unix_ms(device.linked_at)},
          {"is_welcomed", device.is_welcomed},
          {"wanted_again", device.wanted_again},
          {"mail", mail}};
}

void restore(Device& device, const Json& json) {
  device.id = json.at("id").get<std::uint16_t>();
  device.key_index = json.at("key_index").get<std::uint32_t>();
  device.noise_public = array_of<32>(json.at("noise_public"));
  device.keys = key_stock_of(json.at("keys"));
  device.device_identity = bytes_of(json.at("device_identity"));
  device.linked_at = time_of(json.at("linked_at"));
  device.is_welcomed = json.at("is_welcomed").get<bool>();
  device.wanted_again = json.at("wanted_again").get<std::set<std::string>>();
  for (const Json& stanza : json.at("mail")) {
    auto node = wa::decode_node(bytes_of(stanza));
    if (!node) throw Unreadable{"a stanza: " + node.error().text()};
    device.mailbox.push(std::move(*node));
  }
}

Json json_of(const SentMessage& sent) {
  Json ticks = Json::array();
  for (const SentMessage::Tick& tick : sent.ticks) ticks.push_back({tick.from, tick.type, unix_ms(tick.at)});
  return {{"id", sent.id},
          {"chat", sent.chat},
          {"kind", sent.kind},
          {"text", sent.text},
          {"message", text_of(sent.message)},
          {"at", unix_ms(sent.at)},
          {"ticks", ticks},
          {"retries", sent.retries},
          {"reactions", sent.reactions}};
}

SentMessage sent_of(const Json& json) {
  SentMessage sent;
  sent.id = json.at("id").get<std::string>();
  sent.chat = json.at("chat").get<std::string>();
  sent.kind = json.value("kind", sent.kind);
  sent.text = json.at("text").get<std::string>();
  sent.message = bytes_of(json.at("message"));
  sent.at = time_of(json.at("at"));
  for (const Json& tick : json.at("ticks")) {
    sent.ticks.push_back({tick.at(0).get<std::string>(), tick.at(1).get<std::string>(), time_of(tick.at(2))});
  }
  sent.retries = json.at("retries").get<std::map<std::string, int>>();
  sent.reactions = json.value("reactions", sent.reactions);
  return sent;
}

Json json_of(const ReceivedMessage& received) {
  const std::string participant = received.participant ? to_string(*received.participant) : "";
  return {{"from", received.seen.from},       {"chat", received.seen.chat},
          {"id", received.seen.id},           {"text", received.seen.text},
          {"from_me", received.seen.from_me}, {"at", unix_ms(received.seen.at)},
          {"jid", to_string(received.from)},  {"is_read", received.is_read},
          {"participant", participant},
          {"kind", received.seen.kind},       {"message", text_of(received.message)},
          {"file", received.file_problem},    {"file_sha256", text_of(received.file_sha256)},
          {"reactions", received.reactions},  {"is_edited", received.is_edited},
          {"is_revoked", received.is_revoked}};
}

ReceivedMessage received_of(const Json& json) {
  ReceivedMessage received;
  received.seen.from = json.at("from").get<std::string>();
  received.seen.chat = json.at("chat").get<std::string>();
  received.seen.id = json.at("id").get<std::string>();
  received.seen.text = json.at("text").get<std::string>();
  received.seen.from_me = json.at("from_me").get<bool>();
  received.seen.at = time_of(json.at("at"));
  received.from = jid_of(json.at("jid"));
  received.is_read = json.at("is_read").get<bool>();
  received.participant = wa::Jid::parse(json.value("participant", ""));
  received.seen.kind = json.value("kind", received.seen.kind);
  received.message = bytes_of(json.value("message", Json("")));
  received.file_problem = json.value("file", "");
  received.file_sha256 = bytes_of(json.value("file_sha256", Json("")));
  received.reactions = json.value("reactions", received.reactions);
  received.is_edited = json.value("is_edited", false);
  received.is_revoked = json.value("is_revoked", false);
  return received;
}

Json json_of(const PhoneRecord& phone) {
  Json rows = Json::array();
  for (const auto& [key, value] : phone.rows.all()) {
    rows.push_back({static_cast<int>(key.first), key.second, text_of(value)});
  }
  Json inbox = Json::array();
  for (const ReceivedMessage& one : phone.inbox) inbox.push_back(json_of(one));
  Json sent = Json::array();
  for (const SentMessage& one : phone.sent) sent.push_back(json_of(one));
  Json tokens = Json::object();
  for (const auto& [lid, token] : phone.tokens) tokens[lid] = text_of(token);
  return {{"identity", json_of(phone.identity.identity)},
          {"registration_id", phone.identity.registration_id},
          {"signed_prekey_id", phone.identity.signed_prekey.id},
          {"signed_prekey", json_of(phone.identity.signed_prekey.key)},
          {"signed_prekey_signature", text_of(phone.identity.signed_prekey.signature)},
          {"next_prekey_id", phone.next_prekey_id},
          {"is_online", phone.is_online},
          {"rows", rows},
          {"inbox", inbox},
          {"sent", sent},
          {"failures", phone.failures},
          {"key_holders", phone.key_holders},
          {"tokens", tokens}};
}

void restore(PhoneRecord& phone, const Json& json) {
  phone.identity.identity = key_pair_of(json.at("identity"));
  phone.identity.registration_id = json.at("registration_id").get<std::uint32_t>();
  phone.identity.signed_prekey.id = json.at("signed_prekey_id").get<std::uint32_t>();
  phone.identity.signed_prekey.key = key_pair_of(json.at("signed_prekey"));
  phone.identity.signed_prekey.signature = array_of<64>(json.at("signed_prekey_signature"));
  phone.next_prekey_id = json.at("next_prekey_id").get<std::uint32_t>();
  phone.is_online = json.at("is_online").get<bool>();
  for (const Json& row : json.at("rows")) {
    const auto kind = static_cast<wa::SignalRow::Kind>(row.at(0).get<int>());
    phone.rows.all()[{kind, row.at(1).get<std::string>()}] = bytes_of(row.at(2));
  }
  for (const Json& one : json.at("inbox")) phone.inbox.push_back(received_of(one));
  for (const Json& one : json.at("sent")) phone.sent.push_back(sent_of(one));
  phone.failures = json.at("failures").get<std::map<std::string, int>>();
  if (const auto holders = json.find("key_holders"); holders != json.end()) {
    phone.key_holders = holders->get<std::map<std::string, std::set<std::string>>>();
  }
  for (const auto& [lid, token] : json.at("tokens").items()) phone.tokens[lid] = bytes_of(token);
}

Json json_of(const Account& account) {
  Json devices = Json::array();
  for (const auto& [id, device] : account.devices) devices.push_back(json_of(device));
  Json app_state = Json::object();
  for (const auto& [name, patches] : account.app_state) {
    app_state[name] = Json::array();
    for (const Bytes& patch : patches) app_state[name].push_back(text_of(patch));
  }
  return {{"number", account.number},
          {"lid", account.lid},
          {"push_name", account.push_name},
          {"about", account.about},
          {"about_at", unix_ms(account.about_at)},
          {"default_timer_s", account.default_timer_s},
          {"default_timer_at", unix_ms(account.default_timer_at)},
          {"app_state", app_state},
          {"refuses_groups", account.refuses_groups},
          {"made_for", account.made_for},
          {"raw_id", account.raw_id},
          {"app_state_key_id", text_of(account.app_state_key_id)},
          {"app_state_key", text_of(account.app_state_key)},
          {"next_device", account.next_device},
          {"next_key_index", account.next_key_index},
          {"devices", devices},
          {"watchers", account.watchers},
          {"tokens_given", account.tokens_given},
          {"seen", account.seen.all()},
          {"phone", json_of(account.phone)}};
}

std::unique_ptr<Account> account_of(const Json& json) {
  auto account = std::make_unique<Account>();
  account->number = json.at("number").get<std::string>();
  account->lid = json.at("lid").get<std::string>();
  account->push_name = json.at("push_name").get<std::string>();
  account->about = json.value("about", "");
  account->about_at = from_unix_ms(json.value("about_at", std::int64_t{0}));
  account->default_timer_s = json.value("default_timer_s", 0u);
  account->default_timer_at = from_unix_ms(json.value("default_timer_at", std::int64_t{0}));
  const Json app_state = json.value("app_state", Json::object());
  for (const auto& [name, patches] : app_state.items()) {
    for (const Json& patch : patches) account->app_state[name].push_back(bytes_of(patch));
  }
  account->refuses_groups = json.value("refuses_groups", false);
  account->made_for = json.at("made_for").get<std::string>();
  account->raw_id = json.at("raw_id").get<std::uint32_t>();
  account->app_state_key_id = bytes_of(json.at("app_state_key_id"));
  account->app_state_key = bytes_of(json.at("app_state_key"));
  account->next_device = json.at("next_device").get<std::uint16_t>();
  account->next_key_index = json.at("next_key_index").get<std::uint32_t>();
  for (const Json& device : json.at("devices")) restore(account->devices[device.at("id").get<std::uint16_t>()], device);
  account->watchers = json.at("watchers").get<std::set<std::string>>();
  account->tokens_given = json.at("tokens_given").get<std::set<std::string>>();
  account->seen.restore(json.at("seen").get<std::deque<std::string>>());
  restore(account->phone, json.at("phone"));
  if (!account->devices.contains(0)) throw Unreadable{"an account without a phone"};
  return account;
}

}  // namespace

std::string describe_state(Network& network) {
  Json accounts = Json::array();
  for (const auto& [number, account] : network.directory.all()) accounts.push_back(json_of(*account));
  Json groups = Json::array();
  for (const auto& [id, group] : network.groups.all()) groups.push_back(describe_group(*group));
  const Json state = {{"version", kStateVersion},
                      {"root_key", json_of(network.root)},
                      {"server_key", json_of(network.server_key)},
                      {"token_secret", text_of(network.token_secret)},
                      {"minimum_version", network.minimum_version ? to_string(*network.minimum_version) : ""},
                      {"accounts", accounts},
                      {"groups", groups},
                      {"pictures", network.pictures.describe()}};
  return state.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<> restore_state(Network& network, const std::string& text) {
  const auto parsed = parse_json(text);
  if (!parsed) return fail(parsed.error());
  try {
    const Json& state = *parsed;
    if (state.at("version").get<int>() != kStateVersion) throw Unreadable{"it is of another version"};
    std::vector<std::unique_ptr<Account>> accounts;
    for (const Json& account : state.at("accounts")) accounts.push_back(account_of(account));
    std::vector<Group> groups;
    for (const Json& group : state.value("groups", Json::array())) groups.push_back(restore_group(group));
    network.root = key_pair_of(state.at("root_key"));
    network.server_key = key_pair_of(state.at("server_key"));
    network.token_secret = array_of<32>(state.at("token_secret"));
    network.minimum_version = wa::Version::parse(state.at("minimum_version").get<std::string>());
    if (const auto found = state.find("pictures"); found != state.end() && !network.pictures.restore(*found)) {
      throw Unreadable{"a picture is not base64"};
    }
    for (auto& account : accounts) network.directory.insert(std::move(account));
    for (Group& group : groups) network.groups.insert(std::move(group));
  } catch (const Unreadable& unreadable) {
    return fail(ErrorCode::PROTOCOL, unreadable.what);
  } catch (const Json::exception& wrong) {
    return fail(ErrorCode::PROTOCOL, wrong.what());
  }
  return {};
}

}  // namespace konekwa::sandbox
