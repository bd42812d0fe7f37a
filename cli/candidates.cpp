#include "cli/candidates.h"

#include <algorithm>
#include <ostream>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/command_fields.h"
#include "cli/complete.h"
#include "cli/config_file.h"
#include "cli/connect.h"
#include "cli/contract.h"
#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

using Words = std::span<const std::string_view>;

struct ClosedSet {
  const char* value;   // the name that help gives such a value
  Words (*words)();
};
constexpr ClosedSet kClosedSets[] = {
    {kStatusValue, message_statuses}, {kMessageTypeValue, message_types}, {kScopeValue, scopes},
    {kEventValue, event_types},       {kEventsValue, event_patterns},     {kChatsValue, chat_kinds},
};

enum class Names { None, StandForIds };

struct Source {
  const char* value;
  const char* target;        // one that ends with "=" wants the session
  const char* list;          // the key of the array in the answer
  const char* description;   // the key of the words beside each id
  Names names = Names::None; // what those words are good for
};
constexpr Source kSources[] = {
    {kSessionValue, "/v1/sessions", "sessions", "name", Names::StandForIds},
    {kMessageValue, "/v1/messages?page_size=20&count=false", "messages", "content"},
    {kTemplateValue, "/v1/templates", "templates", "name", Names::StandForIds},
    {kWebhookValue, "/v1/webhooks/failed", "webhooks", "event_type"},
    {kTokenValue, "/v1/tokens", "tokens", "name", Names::StandForIds},
    {kTenantValue, "/v1/tenants", "tenants", "name", Names::StandForIds},
    {kGroupValue, "/v1/groups?session_id=", "groups", "subject", Names::StandForIds},
};
constexpr int kDescriptionColumns = 40;
constexpr std::string_view kListEnd = ",...";   // of the name of a value that is several, with commas between them

// A shell waits for us on a key press. Whatever hangs (a name server, a stopped daemon), the candidates that are
// out by then are all there will be.
class Budget {
 public:
  Budget() : before_(::signal(SIGALRM, [](int) { ::_exit(0); })) { set_timer(kCompleteBudget); }
  ~Budget() {
    set_timer(Duration(0));
    ::signal(SIGALRM, before_);
  }

 private:
  static void set_timer(Duration duration) {
    itimerval timer{};
    timer.it_value.tv_usec = static_cast<suseconds_t>(duration.count() * 1000);
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
  void (*before_)(int);
};

// A name that several have means none of them.
bool is_of_one(const Json& list, const Source& source, const std::string& name) {
  return std::count_if(list.begin(), list.end(),
                       [&](const Json& item) { return field(item, source.description) == name; }) == 1;
}

void offer_list(const Json& list, const Source& source, Candidates& candidates) {
  for (const Json& item : list) {
    const std::string id = field(item, "id"), name = field(item, source.description);
    candidates.offer(id, shortened(name, kDescriptionColumns));
    const bool is_name_begun = !candidates.begun().empty() && name.starts_with(candidates.begun());
    if (source.names == Names::None || !is_name_begun || name == id) continue;
    if (is_of_one(list, source, name)) candidates.offer(name, id);
  }
}

// A tenant may be written by its name.
std::string id_of_tenant(api::ApiClient::Options daemon) {
  const std::string written = std::exchange(daemon.tenant, {});
  if (written.empty()) return {};
  const auto response = api::ApiClient(std::move(daemon)).get(kTenants.target);
  if (!response) return written;
  for (const char* key : {"id", kTenants.name}) {
    for (const Json& tenant : child(response->body, "tenants")) {
      if (field(tenant, key) == printable(written)) return field(tenant, "id");
    }
  }
  return written;
}

void offer_ids(const Source& source, const Said& said, Candidates& candidates) {
  const auto settings = find_settings(said.options);
  if (!settings) return;
  auto daemon = find_daemon(*settings);
  if (!daemon) return;
  std::string target = source.target;
  if (target.ends_with('=')) {
    const std::string session = said.session.empty() ? settings->session.value : said.session;
    if (session.empty()) return;
    target += api::encode_segment(session);
  }
  const Budget budget;
  const bool asks_for_tenants = std::string_view(source.value) == kTenantValue;
  daemon->tenant = asks_for_tenants ? "" : id_of_tenant(*daemon);
  const auto response = api::ApiClient(std::move(*daemon)).get(target);
  if (response) offer_list(child(response->body, source.list), source, candidates);
}

void offer_profiles(Candidates& candidates) {
  std::set<std::string> seen;
  const auto user = load_config(user_config_path(), Guard::Owner);
  const auto system = load_config(kSystemConfigPath, Guard::Group);
  for (const auto& file : {user, system}) {
    if (!file) continue;
    for (const auto& [name, values] : file->profiles) {
      const auto url = values.find("url");
      if (seen.insert(name).second) candidates.offer(name, url == values.end() ? "" : url->second);
    }
  }
}

// Of a list, the words that stand there already are done with.
template <typename List>
void offer_all(const List& words, bool is_list, Candidates& candidates) {
  std::set<std::string, std::less<>> done;
  if (is_list) {
    const std::string begun = candidates.begun();
    const std::size_t kept = begun.rfind(',') + 1;   // 0 where there is none
    for (const std::string& word : CLI::detail::split(begun.substr(0, kept), ',')) done.insert(word);
    candidates.keep(kept);
    candidates.more_may_follow();
  }
  for (const auto& word : words) {
    if (done.find(word) == done.end()) candidates.offer(word);
  }
}

}  // namespace

void Candidates::keep(std::size_t size) {
  kept_ += begun_.substr(0, size);
  begun_.erase(0, size);
}

void Candidates::offer(std::string_view candidate, std::string_view description) {
  const std::string shown = printable(candidate);
  if (shown.empty() || !shown.starts_with(begun_)) return;
  // What another machine calls so would be read as an option.
  if (kept_.empty() && shown.starts_with('-') && !begun_.starts_with('-')) return;
  out_ << kept_ << shown;
  if (!description.empty()) out_ << '\t' << printable(description);
  out_ << '\n' << std::flush;
}

void Candidates::files_too() const { out_ << "\tfiles\t" << kept_ << '\n' << std::flush; }

void Candidates::more_may_follow() const { out_ << "\tmore\n" << std::flush; }

void offer_values(const CLI::Option& option, const Said& said, Candidates& candidates) {
  offer_values(option.get_type_name(), said, candidates);
}

void offer_values(const std::string& kind, const Said& said, Candidates& candidates) {
  if (kind == kFileValue || kind == kFileOrUrlValue) return candidates.files_too();
  if (kind == kProfileValue) return offer_profiles(candidates);
  if (kind.find('|') != std::string::npos) return offer_all(CLI::detail::split(kind, '|'), false, candidates);
  const bool is_list = kind.ends_with(kListEnd);
  if (kind == kFieldsValue) return offer_all(fields_of_command(said.command), is_list, candidates);
  for (const ClosedSet& set : kClosedSets) {
    if (kind == set.value) offer_all(set.words(), is_list, candidates);
  }
  for (const Source& source : kSources) {
    if (kind == source.value) offer_ids(source, said, candidates);
  }
}

}  // namespace konekwa::cli
