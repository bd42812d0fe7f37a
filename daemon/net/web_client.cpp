#include "daemon/net/web_client.h"

#include "common/signals.h"
#include "daemon/net/transfer.h"

#include <curl/curl.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace konekwa::net {
namespace {

constexpr std::size_t kWaitingMax = 10'000;      // requests that the thread has not taken up yet
constexpr long kHostConnectionsMax = 32;
constexpr long kConnectionsMax = 256;
constexpr long kConnectionAgeMaxSeconds = 60;
constexpr int kPollMs = 60'000;                  // a wakeup ends it; curl shortens it to its own timers

void init_library() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  KONEKWA_ASSERT(ready == CURLE_OK);
}

class CurlWebClient final : public WebClient {
 public:
  CurlWebClient(Loop& loop, const std::vector<std::string>& allowed_hosts) : loop_(loop), allowed_(allowed_hosts) {
    init_library();
    multi_ = curl_multi_init();
    KONEKWA_ASSERT(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, kHostConnectionsMax);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, kConnectionsMax);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kConnectionsMax);
    thread_ = std::thread([this] { run(); });
  }

  ~CurlWebClient() override {
    *is_alive_ = false;
    is_stopping_ = true;
    curl_multi_wakeup(multi_);
    thread_.join();
    for (const auto& [handle, transfer] : under_way_) curl_multi_remove_handle(multi_, handle);
    under_way_.clear();
    curl_multi_cleanup(multi_);
  }

  void fetch(WebRequest request, Done done) override {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < kWaitingMax) {
        waiting_.push_back(std::make_unique<Transfer>(std::move(request), allowed_, std::move(done)));
        done = nullptr;
      }
    }
    if (done) return answer(std::move(done), fail(ErrorCode::NETWORK, "too many requests are waiting"));
    curl_multi_wakeup(multi_);
  }

 private:
  void run() {
    block_signals();   // OpenSSL's writes must not end the process with SIGPIPE
    while (!is_stopping_) {
      take_up_waiting();
      int running = 0;
      curl_multi_perform(multi_, &running);
      finish_completed();
      curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr);
    }
  }

  void take_up_waiting() {
    std::vector<std::unique_ptr<Transfer>> taken;
    {
      const std::lock_guard lock(mutex_);
      taken.swap(waiting_);
    }
    for (auto& transfer : taken) begin(std::move(transfer));
  }

  void begin(std::unique_ptr<Transfer> transfer) {
    if (auto prepared = transfer->prepare(); !prepared) {
      return answer(std::move(transfer->done), fail(prepared.error()));
    }
    CURL* handle = transfer->handle();
    curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, kConnectionAgeMaxSeconds);
    under_way_.emplace(handle, std::move(transfer));
    curl_multi_add_handle(multi_, handle);
  }

  void finish_completed() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* handle = message->easy_handle;
      const CURLcode code = message->data.result;   // the message is gone once the handle is removed
      finish(handle, code);
    }
  }

  void finish(CURL* handle, CURLcode code) {
    const auto transfer = std::move(under_way_.extract(handle).mapped());
    curl_multi_remove_handle(multi_, handle);
    Result<WebResponse> result = transfer->result(code);
    if (result) {
      if (auto next = transfer->next_hop()) return begin(std::move(next));
    }
    answer(std::move(transfer->done), std::move(result));
  }

  // `done` is moved all the way: what it holds must not end on this thread.
  void answer(Done done, Result<WebResponse> result) {
    loop_.post([is_alive = is_alive_, done = std::move(done), result = std::move(result)] {
      if (*is_alive) done(result);
    });
  }

  Loop& loop_;
  const AllowList allowed_;
  // Shared with what was posted and has not run yet, which may outlive this object.
  const std::shared_ptr<std::atomic<bool>> is_alive_ = std::make_shared<std::atomic<bool>>(true);
  std::atomic<bool> is_stopping_ = false;
  CURLM* multi_ = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> under_way_;   // the web thread's; the destructor's once it has ended

  std::mutex mutex_;
  std::vector<std::unique_ptr<Transfer>> waiting_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<WebClient> make_web_client(Loop& loop, std::vector<std::string> allowed_hosts) {
  return std::make_unique<CurlWebClient>(loop, allowed_hosts);
}

}  // namespace konekwa::net
