#include "cli/diagnosis.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/config_file.h"
#include "cli/connect.h"
#include "cli/diagnosis_machine.h"
#include "cli/print.h"
#include "common/paths.h"

namespace konekwa::cli {
namespace {

constexpr const char* kWhatsAppHost = "web.whatsapp.com";
constexpr int kWhatsAppPort = 443;
constexpr int kOk = 200;

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
    add(is_local_ ? check_disk(paths::default_data_dir())
                  : Finding{"disk", kSkipped, "konekwad is on another machine"});
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

  // A daemon with a sandbox inside talks to that and to nothing else.
  void look_for_whatsapp() {
    const char* const kChecks[] = {"dns", "whatsapp"};
    const auto skip = [&](const std::string& why) {
      for (const char* check : kChecks) add({check, kSkipped, why});
    };
    if (!is_local_) return skip("konekwad is on another machine");
    if (!answers_) return skip("konekwad does not answer");
    const auto sandbox = context_.client.get("/v1/sandbox");
    const auto url = api::parse_url(sandbox ? field(sandbox->body, "admin") : "");
    if (url) {
      add({"dns", kSkipped, "konekwad uses the sandbox inside it"});
      return add(check_reach(url->host, url->port));
    }
    if (!sandbox && sandbox.error().error.code != ErrorCode::NOT_FOUND) {
      return skip("only an administrator learns which network konekwad uses");
    }
    add(check_name(kWhatsAppHost));
    if (findings_.back().result == kFine) return add(check_reach(kWhatsAppHost, kWhatsAppPort));
    add({"whatsapp", kSkipped, "its name has no address"});
  }

  Context& context_;
  std::vector<Finding> findings_;
  bool is_local_ = false, answers_ = false;
};

}  // namespace

std::vector<Finding> diagnose(Context& context) { return Doctor(context).run(); }

}  // namespace konekwa::cli
