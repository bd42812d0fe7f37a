#include "daemon/net/transfer.h"

#include "common/proxy_url.h"
#include "daemon/net/file_body.h"
#include "daemon/net/web_url.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace konekwa::net {
namespace {

constexpr int kRedirectsMax = 3;
constexpr std::size_t kHeaderOctetsMax = 64 * 1024;
constexpr Duration kConnectTimeoutMax = seconds(5);

// What is too slow for a file, which has a long timeout.
constexpr long kSlowBytesPerSecond = 1024;
constexpr long kSlowSeconds = 20;

constexpr int kRedirects[] = {301, 302, 303, 307, 308};

bool is_one_line(const std::string& text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

bool is_success(long status) { return status >= 200 && status < 300; }

bool is_redirect(int status) {
  return std::find(std::begin(kRedirects), std::end(kRedirects), status) != std::end(kRedirects);
}

// Of SOCKS the kind where the proxy resolves the host.
std::string scheme_of(ProxyUrl::Kind kind) {
  switch (kind) {
    case ProxyUrl::Kind::Http: return "http://";
    case ProxyUrl::Kind::Https: return "https://";
    case ProxyUrl::Kind::Socks5: break;
  }
  return "socks5h://";
}

}  // namespace

class Transfer::Impl {
 public:
  Impl(WebRequest wanted, const AllowList& allowed_hosts, int hops)
      : request(std::move(wanted)), allowed(allowed_hosts), hop(hops) {}

  ~Impl() {
    curl_slist_free_all(headers);
    if (easy) curl_easy_cleanup(easy);
  }

  Result<> prepare() {
    const auto url = parse_web_url(request.url);
    if (!url) return fail(ErrorCode::NETWORK, url.error().details);
    host = url->host;
    // A redirect may lead to a weaker road than the one we were given.
    const bool is_listed = allowed.has_name(host) || has_listed_literal();
    if (hop > 0 && url->scheme != "https" && !is_listed) return fail(ErrorCode::NETWORK, "redirected away from https");
    easy = curl_easy_init();
    if (!easy) return fail(ErrorCode::NETWORK, "libcurl has no handle to give");
    set_options();
    if (auto opened = set_files(); !opened) return opened;
    if (is_proxied()) {
      if (auto proxied = set_proxy(url->port); !proxied) return proxied;
    }
    return set_headers();
  }

  bool is_proxied() const { return !request.proxy_url.empty(); }

  bool has_listed_literal() const {
    const auto literal = parse_address(host);
    return literal && allowed.has_address(*literal);
  }

  Result<WebResponse> result(CURLcode code) {
    if (file_error) return fail(*file_error);
    if (code == CURLE_WRITE_ERROR && is_cut) code = CURLE_OK;   // we had what we wanted and hung up
    if (code != CURLE_OK) return fail(error_of(code));
    const long status = status_of_answer();
    if (download && is_success(status)) {
      if (auto kept = download->keep(); !kept) return fail(kept.error());
      response.downloaded = download->size();
    }
    char* type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    if (type) response.content_type = type;
    response.final_url = request.url;
    curl_off_t wait = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait);
    response.status = static_cast<int>(status);
    if (wait > 0) response.retry_after = seconds(wait);
    return response;
  }

  // Before anybody is told: what was not kept is removed here, and the path may be used again from then on.
  void close_files() {
    download.reset();
    upload.reset();
  }

  std::optional<WebRequest> redirected() const {
    if (!request.follow_redirects || hop >= kRedirectsMax || !is_redirect(response.status)) return std::nullopt;
    char* target = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
    if (!target) return std::nullopt;
    WebRequest next = request;
    next.url = target;
    const auto url = parse_web_url(next.url);
    if (!url || url->host != host) next.headers.clear();   // what was meant for one host is not for another
    if (response.status == 307 || response.status == 308) return next;
    next.method = "GET";
    next.body.clear();
    next.upload_path.clear();
    return next;
  }

  WebRequest request;
  const AllowList& allowed;
  const int hop;
  CURL* easy = nullptr;

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy, option, value);
  }

  void set_options() {
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");                 // or http_proxy of the environment would dial in our place, past the guard
    set(CURLOPT_FOLLOWLOCATION, 0L);        // each hop is a Transfer of its own, judged anew
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);            // do not wait for a resolver that hangs
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(request.timeout, kConnectTimeoutMax).count()));
    set(CURLOPT_OPENSOCKETFUNCTION, &Impl::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Impl::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Impl::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_ERRORBUFFER, error_text);
    if (!request.ca_file.empty()) set(CURLOPT_CAINFO, request.ca_file.c_str());
    set_method();
  }

  Result<> set_proxy(std::uint16_t port) {
    if (const auto why = ask_problem(allowed, host, port); !why.empty()) return fail(ErrorCode::NETWORK, why);
    const auto proxy = parse_proxy_url(request.proxy_url);
    if (!proxy) return fail(ErrorCode::PROXY_ERROR, proxy.error().text());
    set(CURLOPT_PROXY, (scheme_of(proxy->kind) + proxy->address()).c_str());
    set(CURLOPT_NOPROXY, "");               // or no_proxy of the environment would let us dial past the proxy
    set(CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!proxy->user.empty()) {
      set(CURLOPT_PROXYUSERNAME, proxy->user.c_str());
      set(CURLOPT_PROXYPASSWORD, proxy->password.c_str());
    }
    if (!request.ca_file.empty()) set(CURLOPT_PROXY_CAINFO, request.ca_file.c_str());
    // libcurl shares a tunnel without regard to whose credentials opened it.
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    return {};
  }

  void set_method() {
    if (request.method == "GET") return set(CURLOPT_HTTPGET, 1L);
    set(CURLOPT_POST, 1L);
    if (request.upload_path.empty()) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.data());
    }
    if (request.method != "POST") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  Result<> set_files() {
    if (request.upload_path.empty() && request.download_path.empty()) return {};
    set(CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
    set(CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
    if (!request.download_path.empty()) download.emplace(request.download_path, request.download_bytes_max);
    if (request.upload_path.empty()) return {};
    auto file = UploadBody::open(request.upload_path);
    if (!file) return fail(file.error());
    upload.emplace(std::move(*file));
    set(CURLOPT_FRESH_CONNECT, 1L);   // a kept one may close under the body, and libcurl does not try that again
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(upload->size()));
    set(CURLOPT_READFUNCTION, &Impl::on_read);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, &Impl::on_seek);
    set(CURLOPT_SEEKDATA, this);
    return {};
  }

  Result<> set_headers() {
    bool has_type = false;
    for (const auto& [name, value] : request.headers) {
      if (!is_one_line(name) || !is_one_line(value)) return fail(ErrorCode::NETWORK, "a header has a line break in it");
      has_type |= strcasecmp(name.c_str(), "Content-Type") == 0;
      headers = curl_slist_append(headers, (name + ": " + value).c_str());
    }
    headers = curl_slist_append(headers, "Expect:");   // no second round trip before the body
    if (!has_type) headers = curl_slist_append(headers, "Content-Type:");
    set(CURLOPT_HTTPHEADER, headers);
    return {};
  }

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* to) {
    auto& transfer = *static_cast<Impl*>(self);
    if (!transfer.is_proxied()) transfer.refusal = dial_problem(transfer.allowed, transfer.host, to->addr);
    if (!transfer.refusal.empty()) return CURL_SOCKET_BAD;
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  static std::size_t on_read(char* out, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Impl*>(self);
    const auto got = transfer.upload->read({reinterpret_cast<std::uint8_t*>(out), size});
    if (got) return *got;
    transfer.file_error = got.error();
    return CURL_READFUNC_ABORT;
  }

  // To the beginning, when an HTTP/2 server wants the request once more.
  static int on_seek(void* self, curl_off_t offset, int origin) {
    const bool is_rewind = offset == 0 && origin == SEEK_SET;
    return is_rewind && static_cast<Impl*>(self)->upload->rewind() ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Impl*>(self);
    if (transfer.download && is_success(transfer.status_of_answer())) {
      return transfer.add_to_file(as_bytes({data, size})) ? size : 0;
    }
    std::string& body = transfer.response.body;
    const std::size_t room = transfer.request.response_bytes_max - body.size();
    body.append(data, std::min(room, size));
    transfer.is_cut = size > room;
    return transfer.is_cut ? 0 : size;
  }

  bool add_to_file(ByteView more) {
    curl_off_t announced = 0;   // -1 when it is not known
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    auto added = download->expect(static_cast<std::uint64_t>(std::max<curl_off_t>(announced, 0)));
    if (added) added = download->add(more);
    if (!added) file_error = added.error();
    return added.has_value();
  }

  long status_of_answer() const {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  static std::size_t on_header(char*, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Impl*>(self);
    transfer.header_octets += size;
    return transfer.header_octets > kHeaderOctetsMax ? 0 : size;
  }

  // What a user reads in the list of failed webhooks: short, and nothing of what the other side said.
  Error error_of(CURLcode code) const {
    // With a proxy that is all we resolve and dial.
    const auto who_failed = is_proxied() ? ErrorCode::PROXY_ERROR : ErrorCode::NETWORK;
    switch (code) {
      case CURLE_OPERATION_TIMEDOUT: return Error(ErrorCode::TIMEOUT, "Timeout");
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_COULDNT_RESOLVE_HOST: return Error(who_failed, "Could not resolve host");
      case CURLE_COULDNT_CONNECT: return Error(who_failed, connect_problem());
      case CURLE_PROXY: return Error(ErrorCode::PROXY_ERROR, "The proxy refused");
      case CURLE_WRITE_ERROR: return Error(ErrorCode::NETWORK, "Response headers too large");
      case CURLE_GOT_NOTHING: return Error(ErrorCode::NETWORK, "Empty reply from server");
      default: break;
    }
    if (const long status = refusal_of_tunnel(); status != 0) {
      return Error(ErrorCode::PROXY_ERROR, fmt::format("The proxy answered HTTP {}", status));
    }
    return Error(ErrorCode::NETWORK, error_text[0] ? error_text : curl_easy_strerror(code));
  }

  // The status that a CONNECT got instead of a tunnel; 0: it was not refused.
  long refusal_of_tunnel() const {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status >= 200 && status < 300 ? 0 : status;
  }

  std::string connect_problem() const {
    if (!refusal.empty()) return refusal;
    long system_error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &system_error);
    return system_error ? std::strerror(static_cast<int>(system_error)) : "Could not connect";
  }

  std::string host;
  curl_slist* headers = nullptr;
  std::string refusal;      // of the guard, for the last address that was tried
  WebResponse response;
  std::optional<UploadBody> upload;
  std::optional<DownloadBody> download;
  std::optional<Error> file_error;   // why we gave up
  std::size_t header_octets = 0;
  bool is_cut = false;
  char error_text[CURL_ERROR_SIZE] = {};
};

Transfer::Transfer(WebRequest request, const AllowList& allowed, WebClient::Done wanted, int hop)
    : done(std::move(wanted)), impl_(std::make_unique<Impl>(std::move(request), allowed, hop)) {}
Transfer::~Transfer() = default;

Result<> Transfer::prepare() {
  auto prepared = impl_->prepare();
  if (prepared) curl_easy_setopt(impl_->easy, CURLOPT_PRIVATE, this);
  return prepared;
}

void* Transfer::handle() const { return impl_->easy; }
Result<WebResponse> Transfer::result(int code) {
  auto result = impl_->result(static_cast<CURLcode>(code));
  impl_->close_files();
  return result;
}

std::unique_ptr<Transfer> Transfer::next_hop() {
  auto request = impl_->redirected();
  if (!request) return nullptr;
  return std::make_unique<Transfer>(std::move(*request), impl_->allowed, std::move(done), impl_->hop + 1);
}

}  // namespace konekwa::net
