#include "cli/diagnosis.h"

#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/config_file.h"
#include "cli/connect.h"
#include "cli/diagnosis_machine.h"
#include "cli/print.h"
#include "common/paths.h"

namespace konekwa::cli {
namespace {

constexpr int kOk = 200;

// "wss://web.whatsapp.com/ws/chat" -> its host and port.
std::optional<api::Url> web_url_of(const std::string& websocket_url) {
  const bool is_websocket = websocket_url.starts_with("ws");
  const auto url = api::parse_url(is_websocket ? "http" + websocket_url.substr(2) : websocket_url);
  return url && url->kind != api::Url::Kind::Unix ? std::optional(*url) : std::nullopt;
}

std::string words_of(const api::Failure& failure) {
  std::string out = failure.error.text();
  if (!failure.hint.empty()) out += "; " + failure.hint;
  return out;
}

class Doctor {
 public:
  explicit Doctor(Context& context) : context_(context) {}

  std::vector<Finding> run() {
    const auto settings = find_settings(context_.options);
    if (!settings) {
      add({"configuration", kFailed, words_of(settings.error())});
      return std::move(findings_);
    }
    add({"configuration", kFine, fmt::format("profile {}, {}", settings->profile.value, user_config_path())});
    const auto target = find_daemon(*settings);
    if (!target) {
      add({"address", kFailed, words_of(target.error())});
      return std::move(findings_);
    }
    is_local_ = target->url.kind == api::Url::Kind::Unix;
    add(check_socket(target->url));
    add(check_key_file(settings->api_key_file.value));
    ask_daemon();
    add(is_local_ ? check_disk(data_dir_) : Finding{"disk", kSkipped, "konekwad is on another machine"});
    look_for_whatsapp();
    return std::move(findings_);
  }

 private:
  void add(Finding finding) { findings_.push_back(std::move(finding)); }

  void ask_daemon() {
    const auto health = context_.client.probe("/health");
    if (!health) {
      add({"daemon", kFailed, words_of(health.error())});
      for (const char* check : {"version", "token", "sessions"}) add({check, kSkipped, "konekwad does not answer"});
      return add(check_clock("", context_.clock.now()));
    }
    answers_ = true;
    const std::string status = field(health->body, "status");
    add({"daemon", health->status == kOk && status == "ok" ? kFine : kFailed,
         fmt::format("status {}, database {}", status, field(health->body, "database"))});
    if (const std::string folder = field(health->body, "data_dir"); !folder.empty()) data_dir_ = folder;
    whatsapp_ = web_url_of(field(health->body, "whatsapp_url"));
    const std::string version = field(health->body, "version");
    add({"version", version == KONEKWA_VERSION ? kFine : kWarning,
         version == KONEKWA_VERSION ? version
                                    : fmt::format("konekwa is {}, konekwad {}", KONEKWA_VERSION, version)});
    add(check_clock(is_local_ ? "" : health->date, context_.clock.now()));
    check_token();
    check_sessions();
  }

  void check_token() {
    const auto me = context_.client.get("/v1/me");
    if (!me) return add({"token", kFailed, words_of(me.error())});
    add({"token", kFine, fmt::format("tenant {}, {}", field(me->body, "tenant"), field(me->body, "scopes"))});
  }

  void check_sessions() {
    const auto list = context_.client.get("/v1/sessions");
    if (!list) return add({"sessions", kSkipped, words_of(list.error())});
    std::string away;
    std::size_t count = 0;
    for (const Json* session : items_of(list->body)) {
      ++count;
      if (field(*session, "status") == "CONNECTED") continue;
      away += fmt::format("{}{} {}", away.empty() ? "" : ", ", field(*session, "id"), field(*session, "status"));
    }
    if (away.empty()) return add({"sessions", kFine, fmt::format("{}, all connected", count)});
    add({"sessions", kWarning, away});
  }

  // From here, which is as near to its way as can be told.
  void look_for_whatsapp() {
    const auto skip = [&](const std::string& why) {
      for (const char* check : {"dns", "whatsapp"}) add({check, kSkipped, why});
    };
    if (!is_local_) return skip("konekwad is on another machine");
    if (!answers_) return skip("konekwad does not answer");
    if (!whatsapp_) return skip("only an administrator learns which network konekwad uses");
    if (is_address(whatsapp_->host)) add({"dns", kSkipped, whatsapp_->host + " is an address"});
    else add(check_name(whatsapp_->host));
    if (findings_.back().result != kFailed) return add(check_reach(whatsapp_->host, whatsapp_->port));
    add({"whatsapp", kSkipped, "its name has no address"});
  }

  Context& context_;
  std::vector<Finding> findings_;
  std::string data_dir_ = paths::default_data_dir();   // unless konekwad says where it is
  std::optional<api::Url> whatsapp_;
  bool is_local_ = false, answers_ = false;
};

}  // namespace

std::vector<Finding> diagnose(Context& context) { return Doctor(context).run(); }

}  // namespace konekwa::cli
