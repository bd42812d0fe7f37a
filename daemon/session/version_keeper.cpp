#include "daemon/session/version_keeper.h"

#include <charconv>

#include "common/log.h"
#include "daemon/store/facts.h"

namespace konekwa::session {
namespace {

constexpr const char* kFact = "whatsapp_version";
constexpr std::size_t kPageBytesMax = 4u << 20;

}  // namespace

std::optional<wa::Version> version_in_page(std::string_view page) {
  constexpr std::string_view kName = "client_revision";
  std::size_t at = page.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  at = page.find_first_of("0123456789", at + kName.size());
  // Only quotes, backslashes, a colon and spaces may stand between the name and the number.
  if (at == std::string_view::npos || at > page.find(kName) + kName.size() + 8) return std::nullopt;
  wa::Version version;
  const auto [end, error] = std::from_chars(page.data() + at, page.data() + page.size(), version.tertiary);
  if (error != std::errc()) return std::nullopt;
  return version;
}

std::string version_page_url(const wa::Endpoint& endpoint) {
  const bool is_plain = endpoint.url.starts_with("ws://");
  const std::size_t host = endpoint.url.find("://") + 3;
  const std::size_t path = std::min(endpoint.url.find('/', host), endpoint.url.size());
  return (is_plain ? "http://" : "https://") + endpoint.url.substr(host, path - host) + "/sw.js";
}

VersionKeeper::VersionKeeper(Loop& loop, net::WebClient& web, store::DbWriter& writer, store::Readers& readers,
                             wa::Version configured)
    : loop_(loop), web_(web), writer_(writer), present_(configured) {
  const auto kept = readers.get<std::optional<std::string>>(
      [](store::Database& db) { return store::facts::find(db, kFact); });
  if (!kept || !kept->has_value()) return;
  const auto version = wa::Version::parse(**kept);
  if (version && *version > present_) present_ = *version;
}

void VersionKeeper::refresh(const wa::Endpoint& endpoint, const wa::Version& refused, std::function<void(bool)> done) {
  if (present_ > refused) {
    loop_.post([done = std::move(done)] { done(true); });
    return;
  }
  waiting_.emplace_back(refused, std::move(done));
  if (waiting_.size() > 1) return;
  net::WebRequest request;
  request.method = "GET";
  request.url = version_page_url(endpoint);
  request.ca_file = endpoint.ca_file;
  request.proxy_url = endpoint.proxy_url;
  request.timeout = seconds(20);
  request.response_bytes_max = kPageBytesMax;
  request.headers = {{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"}, {"Accept", "*/*"}, {"Sec-Fetch-Site", "none"}};
  web_.fetch(std::move(request),
             alive_.guard([this](Result<net::WebResponse> response) { finish(std::move(response)); }));
}

void VersionKeeper::finish(Result<net::WebResponse> response) {
  const auto version = response && response->status == 200 ? version_in_page(response->body) : std::nullopt;
  if (!version) {
    log::warn("session", "the present WhatsApp version could not be read: {}",
              response ? fmt::format("HTTP {}", response->status) : response.error().text());
  } else if (*version > present_) {
    log::info("session", "WhatsApp version {} follows {}", to_string(*version), to_string(present_));
    present_ = *version;
    store::WriteBatch batch;
    batch.run([text = to_string(present_)](store::Database& db) { store::facts::put(db, kFact, text); });
    writer_.commit(std::move(batch), [](const Result<>&) {});
  }
  auto waiting = std::move(waiting_);
  waiting_.clear();
  for (auto& [refused, done] : waiting) done(present_ > refused);
}

}  // namespace konekwa::session
