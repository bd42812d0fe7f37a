#include "daemon/sandbox/admin.h"

#include <charconv>

#include "daemon/sandbox/admin_calls.h"
#include "daemon/sandbox/admin_groups.h"
#include "daemon/sandbox/pairing.h"
#include "daemon/sandbox/phone_operations.h"

namespace konekwa::sandbox {
namespace {

Json done() { return Json::object(); }

std::string query_value(const std::string& query, std::string_view name) {
  for (std::size_t at = 0; at <= query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = std::string_view(query).substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
    at = end + 1;
  }
  return {};
}

std::optional<int> integer_of(const std::string& text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Answer answer(const Result<>& result) {
  if (!result) return fail(result.error());
  return done();
}

Json describe(const Account& account) {
  Json devices = Json::array();
  for (const auto& [id, device] : account.devices) {
    devices.push_back({{"device", id},
                       {"online", id == 0 ? account.phone.is_online : device.outlet != nullptr},
                       {"linked_at", to_rfc3339(device.linked_at)},
                       {"prekeys_left", device.keys.prekeys.size()},
                       {"queued", device.mailbox.stanzas().size()}});
  }
  return {{"phone_number", account.number},
          {"lid", account.lid},
          {"push_name", account.push_name},
          {"devices", devices}};
}

Answer scan(Call& call) {
  const auto scanned = scan_qr(call.network, call.body, query_value(call.query, "phone"));
  if (!scanned) return fail(scanned.error());
  return Json{{"phone_number", scanned->number}, {"lid", scanned->lid}, {"device", scanned->device}};
}

Answer create_account(Call& call) {
  const auto account = open_account(call.network, field(call, "push_name"), field(call, "phone_number"));
  if (!account) return fail(account.error());
  return describe(**account);
}

Answer list_accounts(Call& call) {
  Json accounts = Json::array();
  for (const auto& [number, account] : call.network.directory.all()) accounts.push_back(describe(*account));
  return Json{{"accounts", accounts}};
}

Answer show_account(Call& call) {
  const auto account = account_at(call.network, call.path[1]);
  if (!account) return fail(account.error());
  return describe(**account);
}

// {"groups": "all" or "nobody"}: who may add the account to groups.
Answer set_privacy(Call& call) {
  const auto account = account_at(call.network, call.path[1]);
  if (!account) return fail(account.error());
  const std::string who = field(call, "groups");
  if (who != "all" && who != "nobody") return fail(ErrorCode::INVALID_REQUEST, "groups: all or nobody");
  (*account)->refuses_groups = who == "nobody";
  call.network.keeper.touched();
  return done();
}

Answer read_message(Call& call) { return answer(read(call.network, call.path[1], field(call, "id"))); }
Answer go_offline(Call& call) { return answer(set_phone_online(call.network, call.path[1], false)); }
Answer go_online(Call& call) { return answer(set_phone_online(call.network, call.path[1], true)); }
Answer corrupt(Call& call) { return answer(corrupt_ratchet(call.network, call.path[1], field(call, "peer"))); }

Answer remove_device(Call& call) {
  const auto device = integer_of(call.path[3]);
  if (!device || *device < 0 || *device > 0xFFFF) {
    return fail(ErrorCode::INVALID_REQUEST, "the device is a small number");
  }
  return answer(unlink(call.network, call.path[1], static_cast<std::uint16_t>(*device)));
}

Answer list_violations(Call& call) {
  Json violations = Json::array();
  for (const Violation& one : call.network.violations.all()) {
    violations.push_back({{"kind", one.kind}, {"device", one.who}, {"text", one.text}, {"at", to_rfc3339(one.at)}});
  }
  return Json{{"violations", violations}};
}

Answer clear_violations(Call& call) {
  call.network.violations.clear();
  return done();
}

Answer disconnect(Call& call) {
  const std::size_t count = call.network.clients.count();
  call.network.clients.cut_all();
  return Json{{"disconnected", count}};
}

Answer set_version(Call& call) {
  const std::string text = field(call, "minimum");
  const auto version = wa::Version::parse(text);
  if (!text.empty() && !version) {
    return fail(ErrorCode::INVALID_REQUEST, "minimum: a version such as 2.3000.1000000000, or \"\"");
  }
  call.network.minimum_version = version;
  call.network.keeper.touched();
  return Json{{"minimum", version ? to_string(*version) : ""}};
}

struct FaultField {
  const char* name;
  int Faults::* counter;
};
constexpr FaultField kFaultFields[] = {
    {"drop_acks", &Faults::drop_acks},
    {"cut_after_messages", &Faults::cut_after_messages},
    {"duplicate_messages", &Faults::duplicate_messages},
    {"duplicate_receipts", &Faults::duplicate_receipts},
    {"late_receipts", &Faults::late_receipts},
    {"login_failure", &Faults::login_failure},
    {"login_stream_error", &Faults::login_stream_error},
    {"fail_uploads", &Faults::fail_uploads},
    {"demand_passkey", &Faults::demand_passkey},
    {"refuse_uploads", &Faults::refuse_uploads},
    {"media_delay", &Faults::media_delay},
};

Answer show_faults(Call& call) {
  Json faults = Json::object();
  for (const FaultField& one : kFaultFields) faults[one.name] = call.network.faults.*one.counter;
  return faults;
}

Answer set_faults(Call& call) {
  Faults faults = call.network.faults;
  for (const auto& [name, value] : call.json.items()) {
    const auto one = std::find_if(std::begin(kFaultFields), std::end(kFaultFields),
                                  [&](const FaultField& candidate) { return candidate.name == name; });
    if (one == std::end(kFaultFields)) return fail(ErrorCode::INVALID_REQUEST, "there is no fault " + name);
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > 1'000'000) {
      return fail(ErrorCode::INVALID_REQUEST, name + ": a number of 0 to 1000000");
    }
    faults.*one->counter = value.get<int>();
  }
  call.network.faults = faults;
  return show_faults(call);
}

Answer expire_media(Call& call) {
  return Json{{"expired", call.network.media.expire(field(call, "direct_path"))}};
}

Answer show_state(Call& call) {
  std::size_t devices = 0;
  std::size_t queued = 0;
  for (const auto& [number, account] : call.network.directory.all()) {
    devices += account->devices.size() - 1;
    for (const auto& [id, device] : account->devices) queued += device.mailbox.stanzas().size();
  }
  return Json{{"accounts", call.network.directory.all().size()},
              {"linked_devices", devices},
              {"connections", call.network.clients.count()},
              {"queued", queued},
              {"violations", call.network.violations.all().size()},
              {"minimum_version", call.network.minimum_version ? to_string(*call.network.minimum_version) : ""}};
}

enum class Body { None, Raw, JsonObject };
struct Route {
  std::string_view method;
  std::string_view path;           // "*" stands for any one part
  Body body;
  Answer (*handle)(Call&);
};

constexpr Route kRoutes[] = {
    {"POST", "mock-phone/scan-qr", Body::Raw, scan},
    {"POST", "accounts", Body::JsonObject, create_account},
    {"GET", "accounts", Body::None, list_accounts},
    {"GET", "accounts/*", Body::None, show_account},
    {"POST", "accounts/*/say", Body::JsonObject, say_something},
    {"GET", "accounts/*/inbox", Body::None, show_inbox},
    {"GET", "accounts/*/inbox/*/media", Body::None, send_media_of_inbox},
    {"GET", "accounts/*/sent", Body::None, show_sent},
    {"POST", "accounts/*/read", Body::JsonObject, read_message},
    {"POST", "accounts/*/offline", Body::None, go_offline},
    {"POST", "accounts/*/online", Body::None, go_online},
    {"POST", "accounts/*/corrupt", Body::JsonObject, corrupt},
    {"DELETE", "accounts/*/devices/*", Body::None, remove_device},
    {"POST", "accounts/*/privacy", Body::JsonObject, set_privacy},
    {"POST", "groups", Body::JsonObject, create_group_by_admin},
    {"GET", "groups", Body::None, list_groups},
    {"GET", "groups/*", Body::None, show_group},
    {"POST", "groups/*/add", Body::JsonObject, add_to_group},
    {"POST", "groups/*/remove", Body::JsonObject, remove_from_group},
    {"POST", "groups/*/promote", Body::JsonObject, promote_in_group},
    {"POST", "groups/*/demote", Body::JsonObject, demote_in_group},
    {"POST", "groups/*/leave", Body::JsonObject, leave_by_admin},
    {"POST", "groups/*/settings", Body::JsonObject, change_group},
    {"POST", "groups/*/say", Body::JsonObject, say_in_group},
    {"POST", "newcomers", Body::JsonObject, set_newcomers},
    {"GET", "violations", Body::None, list_violations},
    {"DELETE", "violations", Body::None, clear_violations},
    {"POST", "disconnect", Body::None, disconnect},
    {"POST", "version", Body::JsonObject, set_version},
    {"GET", "faults", Body::None, show_faults},
    {"POST", "faults", Body::JsonObject, set_faults},
    {"POST", "expire_media", Body::JsonObject, expire_media},
    {"GET", "state", Body::None, show_state},
};

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return pattern.size() == path.size() && std::equal(pattern.begin(), pattern.end(), path.begin(),
                                                     [](const auto& a, const auto& b) { return a == "*" || a == b; });
}

Answer handle(const Route& route, Call& call) {
  if (route.body == Body::JsonObject && !call.body.empty()) {
    auto json = parse_json(call.body);
    if (!json) return fail(json.error());
    if (!json->is_object()) return fail(ErrorCode::INVALID_REQUEST, "the body is a JSON object");
    call.json = std::move(*json);
  }
  return route.handle(call);
}

SandboxAnswer render(const Answer& answer) {
  if (answer) return {200, answer->dump(-1, ' ', false, Json::error_handler_t::replace)};
  const Error& error = answer.error();
  const Json what = {{"code", to_string(error.code)}, {"message", error.message}, {"details", error.details}};
  const Json body = {{"error", what}};
  return {http_status(error.code), body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace

std::string keep_file(Network& network, const IncomingFile::Finished& file) {
  std::string name = to_hex(file.sha256);
  network.media.store().put(kFileKeyPrefix + name, file.path);
  return name;
}

SandboxAnswer answer_admin(Network& network, const std::string& method, const std::string& target,
                           const std::string& body) {
  const std::size_t question = std::min(target.find('?'), target.size());
  std::vector<std::string> path = parts_of(std::string_view(target).substr(0, question));
  if (!path.empty() && path.front() == "admin") path.erase(path.begin());
  const std::string query = target.substr(std::min(question + 1, target.size()));
  bool is_path_known = false;
  for (const Route& route : kRoutes) {
    if (!matches(parts_of(route.path), path)) continue;
    is_path_known = true;
    if (route.method != method) continue;
    Call call{network, path, query, body, Json::object()};
    const Answer answer = handle(route, call);
    return answer && call.file ? *call.file : render(answer);
  }
  return render(fail(is_path_known ? ErrorCode::METHOD_NOT_ALLOWED : ErrorCode::NOT_FOUND));
}

SandboxAnswer answer_admin_file(Network& network, IncomingFile& file) {
  if (!file.is_good()) return render(fail(ErrorCode::STORAGE_UNAVAILABLE));
  const IncomingFile::Finished finished = file.release();
  return render(Json{{"file", keep_file(network, finished)}, {"size", finished.size}});
}

}  // namespace konekwa::sandbox
