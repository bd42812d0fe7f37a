#include "cli/qr_source.h"

#include <fmt/format.h>

#include "cli/named.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::string_view kPublicPrefix = "/api/v1/qr/";
constexpr std::string_view kPictureSuffix = "/image";

struct StatusMeaning {
  std::string_view status, reason;   // reason "": any
  QrPhase phase;
};
// The first match counts. A status that is not here is one that passes.
constexpr StatusMeaning kMeanings[] = {
    {"CONNECTED", "", QrPhase::Linked},
    {"DISCONNECTED", "QR_TIMEOUT", QrPhase::Over},
    {"DISCONNECTED", "USER_REQUEST", QrPhase::Over},
    {"DISCONNECTED", "STREAM_REPLACED", QrPhase::Over},
    {"DISCONNECTED", "RESTORED", QrPhase::Over},
    {"LOGGED_OUT", "", QrPhase::Over},
    {"BANNED", "", QrPhase::Over},
    {"CLIENT_OUTDATED", "", QrPhase::Over},
    {"FAILED", "", QrPhase::Over},
};

struct TroubleText {
  std::string_view status, reason;   // "": any
  const char* what;
  const char* remedy;                // with the session in {}
};
// The first match counts. What is not here passes by itself.
constexpr TroubleText kTroubles[] = {
    {"PASSKEY_REQUIRED", "", "the phone wants a passkey, which this version cannot give",
     "delete the passkey in WhatsApp on the phone (Settings, Account, Passkeys), then: konekwa sessions restart-qr {}"},
    {"DISCONNECTED", "PROXY_ERROR", "the proxy of the session fails",
     "check it, or set another one: konekwa sessions update {} --proxy URL"},
    {"DISCONNECTED", "NETWORK", "konekwad does not reach WhatsApp", "konekwa doctor looks for the cause"},
    {"DISCONNECTED", "UNTRUSTED_SERVER", "whoever answers for WhatsApp is not WhatsApp",
     "konekwa doctor looks for the cause"},
    {"DISCONNECTED", "SERVER_ERROR", "WhatsApp refuses the connection for now", ""},
    {"DISCONNECTED", "RATE_LIMITED", "WhatsApp asks for patience", ""},
};

// ".../image?t=x" -> "...?t=x"
std::string without_picture(std::string target) {
  const std::size_t at = target.find(kPictureSuffix);
  return at == std::string::npos ? target : target.erase(at, kPictureSuffix.size());
}

}  // namespace

QrPhase phase_of(const Json& answer) {
  const std::string status = field(answer, "status");
  const std::string reason = field(answer, "status_reason");
  for (const StatusMeaning& meaning : kMeanings) {
    if (status == meaning.status && (meaning.reason.empty() || reason == meaning.reason)) return meaning.phase;
  }
  return field(answer, "qr").empty() ? QrPhase::Waiting : QrPhase::Code;
}

api::Failure failure_of(const Json& answer, const std::string& session) {
  const std::string status = field(answer, "status");
  const std::string reason = field(answer, "status_reason");
  if (reason == "QR_TIMEOUT") {
    return api::Failure(Error(ErrorCode::TIMEOUT, "the QR codes have expired, none was scanned", ""),
                        fmt::format("konekwa sessions connect {0} && konekwa qr {0}", session));
  }
  if (reason == "RESTORED") {
    return api::Failure(Error(ErrorCode::CONFLICT, "the session was restored from a backup, and may run elsewhere", ""),
                        fmt::format("konekwa sessions connect {} once the original runs no more", session));
  }
  if (status == "DISCONNECTED") {
    return api::Failure(Error(ErrorCode::CONFLICT, "the session is disconnected", ""),
                        fmt::format("konekwa sessions connect {0} && konekwa qr {0}", session));
  }
  const ErrorCode code = status == "LOGGED_OUT" ? ErrorCode::SESSION_NOT_ACTIVE : ErrorCode::CONFLICT;
  const std::string state = reason.empty() ? status : fmt::format("{}, {}", status, reason);
  return api::Failure(Error(code, fmt::format("the session is {}", state), ""));
}

std::optional<QrTrouble> trouble_of(const Json& answer, const std::string& session) {
  const std::string status = field(answer, "status"), reason = field(answer, "status_reason");
  for (const TroubleText& text : kTroubles) {
    const bool is_it = status == text.status && (text.reason.empty() || reason == text.reason);
    if (is_it) return QrTrouble{text.what, fmt::format(fmt::runtime(text.remedy), session)};
  }
  return std::nullopt;
}

api::Failure out_of_time(std::string message, const std::optional<QrTrouble>& trouble) {
  if (!trouble) return api::Failure(Error(ErrorCode::TIMEOUT, std::move(message), ""));
  return api::Failure(Error(ErrorCode::TIMEOUT, fmt::format("{}: {}", message, trouble->what), ""), trouble->remedy);
}

api::Outcome<QrSource> QrSource::open(Context& context, std::string session) {
  const auto shown = request_by_name(context, kSessions, session);
  QrSource source(context.client, session);
  source.picture_target_ = fmt::format("{}{}{}", kPublicPrefix, api::encode_segment(session), kPictureSuffix);
  if (!shown) {
    const bool may_not_see = exit_code(shown.error().error.code) == exit_code(ErrorCode::UNAUTHORIZED);
    if (!may_not_see) return api::failed(shown.error());
    return source;
  }
  source.is_linked_ = !field(shown->body, "phone_number").empty();
  const std::string url = field(shown->body, "qr_url");
  const std::size_t path_begin = url.find(kPublicPrefix);
  if (path_begin != std::string::npos) source.picture_target_ = url.substr(path_begin);
  return source;
}

api::Outcome<api::Response> QrSource::code(Duration answer_timeout) {
  return client_->get(without_picture(picture_target_), answer_timeout);
}

api::Outcome<api::Response> QrSource::picture() { return client_->get(picture_target_); }

std::string QrSource::linked_number() {
  const auto shown = client_->get(session_target());
  return shown ? field(shown->body, "phone_number") : std::string();
}

api::Outcome<api::Response> QrSource::await_code(Clock& clock, Duration timeout) {
  const Duration begin = clock.elapsed();
  for (;;) {
    auto answer = code();
    if (!answer) return answer;
    const QrPhase phase = phase_of(answer->body);
    if (phase == QrPhase::Over) return api::failed(failure_of(answer->body, session_));
    if (phase != QrPhase::Waiting) return answer;
    if (clock.elapsed() - begin >= timeout) {
      const std::string message = fmt::format("no QR code within {}", to_string(timeout));
      return api::failed(out_of_time(message, trouble_of(answer->body, session_)));
    }
    if (!clock.pause(kQrPollInterval / 5)) return api::failed(ErrorCode::CANCELLED, "cancelled");
  }
}

}  // namespace konekwa::cli
