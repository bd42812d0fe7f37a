#include "daemon/session/keepalive.h"

#include "daemon/wa/stanzas.h"

namespace konekwa::session {
namespace {

constexpr Duration kIntervalMin = seconds(20);
constexpr std::uint64_t kIntervalSpreadMs = 10'000;
constexpr Duration kAnswerTimeout = seconds(10);

}  // namespace

void Keepalive::start() {
  const auto spread = static_cast<std::int64_t>(link_.env.random.below(kIntervalSpreadMs));
  timer_ = link_.env.loop.after(kIntervalMin + Duration(spread), [this] { ping(); });
}

void Keepalive::ping() {
  if (link_.commits.under_way() == 0) link_.device.forget_clean();
  link_.iq.request(
      wa::ping_iq(link_.iq.next_id()),
      [this](const Result<wa::Node>& answer) {
        if (!answer && answer.error().code == ErrorCode::TIMEOUT) return link_.cut(answer.error());
        start();
      },
      kAnswerTimeout);
}

}  // namespace konekwa::session
