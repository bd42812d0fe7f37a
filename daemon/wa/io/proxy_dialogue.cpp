#include "daemon/wa/io/proxy_dialogue.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace konekwa::wa::io {
namespace {

tl::unexpected<Error> refused(std::string why) { return fail(ErrorCode::PROXY_ERROR, std::move(why)); }

// ---- HTTP

constexpr std::string_view kStatusLineStart = "HTTP/1.";
constexpr int kProxyAuthenticationRequired = 407;

class ConnectDialogue final : public ProxyDialogue {
 public:
  ConnectDialogue(const ProxyUrl& proxy, const std::string& host, const std::string& port) {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    const std::string target = (is_ipv6 ? "[" + host + "]" : host) + ":" + port;
    request_ = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
    has_credentials_ = !proxy.user.empty();
    if (has_credentials_) {
      const std::string credentials = to_base64(as_bytes(proxy.user + ":" + proxy.password));
      request_ += "Proxy-Authorization: Basic " + credentials + "\r\n";
    }
    request_ += "\r\n";
  }

  Bytes opening() const override { return to_bytes(request_); }

  // The header ends where only its text can say, and the target may speak in the same packet. An octet at a time is a
  // hundred small reads in the life of a connection.
  std::size_t octets_wanted() const override { return is_open_ ? 0 : 1; }

  Result<Bytes> take(ByteView octets) override {
    header_ += as_text(octets);
    if (++octets_taken_ > kAnswerOctetsMax) return refused("the answer is too long");
    const std::string_view start = std::string_view(header_).substr(0, kStatusLineStart.size());
    if (!kStatusLineStart.starts_with(start)) return refused("the answer is not HTTP");
    if (!header_.ends_with("\n\r\n") && !header_.ends_with("\n\n")) return Bytes();
    return judge();
  }

 private:
  Result<Bytes> judge() {
    const int status = status_of_header();
    if (status == kProxyAuthenticationRequired) {
      return refused(has_credentials_ ? "it does not accept the user and password (HTTP 407)"
                                      : "it wants a user and a password (HTTP 407)");
    }
    if (status == 0) return refused("the answer is not HTTP");
    if (status >= 200 && status < 300) {
      is_open_ = true;
    } else if (status >= 200) {
      return refused(fmt::format("it refused the target with HTTP {}", status));
    }
    header_.clear();   // of an interim answer: the final one follows
    return Bytes();
  }

  // HTTP/1.x NNN; 0 when it is something else.
  int status_of_header() const {
    const std::size_t space = kStatusLineStart.size() + 1;
    if (header_.size() < space + 5 || header_[space] != ' ') return 0;
    const char* const digits = header_.data() + space + 1;
    int status = 0;
    const auto [end, error] = std::from_chars(digits, digits + 3, status);
    const bool is_number = error == std::errc() && end == digits + 3 && status >= 100;
    return is_number && (*end == ' ' || *end == '\r' || *end == '\n') ? status : 0;
  }

  std::string request_, header_;
  bool has_credentials_ = false;
  bool is_open_ = false;
  std::size_t octets_taken_ = 0;
};

// ---- SOCKS5

constexpr std::uint8_t kVersion = 5;
constexpr std::uint8_t kPasswordVersion = 1;
constexpr std::uint8_t kConnect = 1;
constexpr std::size_t kNameOctetsMax = 255;

enum Method : std::uint8_t { kNoAuthentication = 0, kUserAndPassword = 2, kNone = 0xff };
enum AddressType : std::uint8_t { kIpv4 = 1, kName = 3, kIpv6 = 4 };

constexpr const char* kReplies[] = {
    "", "it failed", "its rules forbid the target", "the network of the target is unreachable",
    "the target is unreachable", "the target refused the connection", "the way to the target is too long",
    "it does not know how to connect", "it does not take this kind of address"};

// A length of one octet, then the text.
Bytes counted(std::string_view text) {
  return concat({Bytes{static_cast<std::uint8_t>(text.size())}, as_bytes(text)});
}

Bytes address_of(const std::string& host) {
  std::uint8_t address[16];
  if (inet_pton(AF_INET, host.c_str(), address) == 1) return concat({Bytes{kIpv4}, ByteView(address, 4)});
  if (inet_pton(AF_INET6, host.c_str(), address) == 1) return concat({Bytes{kIpv6}, ByteView(address, 16)});
  return concat({Bytes{kName}, counted(host)});
}

class SocksDialogue final : public ProxyDialogue {
 public:
  SocksDialogue(const ProxyUrl& proxy, const std::string& host, std::uint16_t port)
      : user_(proxy.user), password_(proxy.password),
        request_(concat({Bytes{kVersion, kConnect, 0}, address_of(host), big_endian(port, 2)})) {}

  Bytes opening() const override {
    if (user_.empty()) return {kVersion, 1, kNoAuthentication};
    return {kVersion, 2, kNoAuthentication, kUserAndPassword};
  }

  std::size_t octets_wanted() const override {
    return step_ == Step::Open ? 0 : answer_size() - answer_.size();
  }

  Result<Bytes> take(ByteView octets) override {
    append(answer_, octets);
    // A proxy that refuses may say no more than that before it hangs up.
    if (answer_.size() >= 2) {
      if (auto accepted = judge(); !accepted) return fail(accepted.error());
    }
    if (octets_wanted() != 0) return Bytes();
    return go_on();
  }

 private:
  enum class Step { Method, Password, Request, Open };

  // Of an answer to the request the kind of address and its first octet tell the length.
  std::size_t answer_size() const {
    if (step_ != Step::Request) return 2;
    if (answer_.size() < 5) return 5;
    switch (answer_[3]) {
      case kIpv4: return 4 + 4 + 2;
      case kIpv6: return 4 + 16 + 2;
      default: return 4 + 1 + answer_[4] + std::size_t{2};
    }
  }

  Result<> judge() const {
    if (step_ != Step::Password && answer_[0] != kVersion) return refused("the answer is not SOCKS5");
    switch (step_) {
      case Step::Method: return judge_method();
      case Step::Password:
        if (answer_[1] != 0) return refused("it does not accept the user and password");
        break;
      case Step::Request: return judge_reply();
      case Step::Open: break;
    }
    return {};
  }

  Result<> judge_method() const {
    const std::uint8_t method = answer_[1];
    if (method == kNoAuthentication || (method == kUserAndPassword && !user_.empty())) return {};
    if (method != kNone) return refused("it chose a way to log in that was not offered");
    return refused(user_.empty() ? "it wants a user and a password" : "it takes no user and password");
  }

  Result<> judge_reply() const {
    const std::uint8_t reply = answer_[1];
    if (reply >= std::size(kReplies)) return refused(fmt::format("it refused the target with SOCKS error {}", reply));
    if (reply != 0) return refused(fmt::format("{} (SOCKS error {})", kReplies[reply], reply));
    const bool is_known = answer_.size() < 4 || answer_[3] == kIpv4 || answer_[3] == kIpv6 || answer_[3] == kName;
    return is_known ? Result<>() : refused("the answer has an unknown kind of address");
  }

  Bytes go_on() {
    const Bytes answer = std::exchange(answer_, {});
    switch (step_) {
      case Step::Method:
        if (answer[1] == kUserAndPassword) {
          step_ = Step::Password;
          return concat({Bytes{kPasswordVersion}, counted(user_), counted(password_)});
        }
        [[fallthrough]];
      case Step::Password: step_ = Step::Request; return request_;
      case Step::Request: step_ = Step::Open; break;
      case Step::Open: break;
    }
    return {};
  }

  const std::string user_, password_;
  const Bytes request_;
  Step step_ = Step::Method;
  Bytes answer_;
};

}  // namespace

Result<std::unique_ptr<ProxyDialogue>> make_proxy_dialogue(const ProxyUrl& proxy, const std::string& host,
                                                           const std::string& port) {
  if (host.size() > kNameOctetsMax) return refused("the name of the target is too long");
  std::unique_ptr<ProxyDialogue> out;
  if (proxy.kind == ProxyUrl::Kind::Socks5) {
    out = std::make_unique<SocksDialogue>(proxy, host, static_cast<std::uint16_t>(std::stoul(port)));
  } else {
    out = std::make_unique<ConnectDialogue>(proxy, host, port);
  }
  return out;
}

}  // namespace konekwa::wa::io
