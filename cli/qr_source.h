// The QR code of a session as the daemon has it now: which requests to make, and what the answer means.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "common/api/client.h"

namespace konekwa::cli {

inline constexpr Duration kQrPollInterval = milliseconds(500);

enum class QrPhase {
  Waiting,   // starting, or pairing after a scan: a code or a number will come
  Code,      // a code is live
  Linked,    // the phone has linked the session
  Over,      // no code will come by itself
};
QrPhase phase_of(const Json& answer);
api::Failure failure_of(const Json& answer, const std::string& session);   // why it is Over

// What keeps a session that is Waiting from its code, though konekwad goes on trying, and what can be done about it.
struct QrTrouble {
  std::string what, remedy;
};
std::optional<QrTrouble> trouble_of(const Json& answer, const std::string& session);
// The time is over: `message`, and with it what was the trouble, if anything was.
api::Failure out_of_time(std::string message, const std::optional<QrTrouble>& trouble);

class QrSource {
 public:
  // Asks for the session first, by id or name: its qr_url carries the signature that the code of a chosen id needs.
  // Without the right to see sessions the plain public address is used.
  static api::Outcome<QrSource> open(Context& context, std::string session);

  // JSON with status, qr, sequence, issued_at, expires_at, remaining_codes. `answer_timeout`: zero for the usual one.
  api::Outcome<api::Response> code(Duration answer_timeout = {});
  api::Outcome<api::Response> picture();     // PNG
  std::string linked_number();               // "" when it may not be seen
  const std::string& session() const { return session_; }
  bool is_linked() const { return is_linked_; }   // already: it needs no code, but to go online

  // Asks until there is a code or the session is linked. TIMEOUT, or why there will be none.
  api::Outcome<api::Response> await_code(Clock& clock, Duration timeout);

 private:
  QrSource(api::ApiClient& client, std::string session) : client_(&client), session_(std::move(session)) {}
  std::string session_target() const { return "/v1/sessions/" + api::encode_segment(session_); }

  api::ApiClient* client_;
  std::string session_;
  std::string picture_target_;
  bool is_linked_ = false;
};

}  // namespace konekwa::cli
