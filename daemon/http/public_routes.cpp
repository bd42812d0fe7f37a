// /api/v1: what needs no key. The QR code to scan, and how a session is. Nothing here starts a connection, or tells a
// phone number.
#include <charconv>

#include <nlohmann/json.hpp>

#include "daemon/http/api.h"
#include "daemon/http/qr_image.h"

namespace konekwa::http {
namespace {

constexpr int kPictureSizeDefault = 400;
constexpr int kPictureSizeMin = 64;
constexpr int kPictureSizeMax = 2000;
// A page that shows the picture right after making the session asks before WhatsApp has sent the code.
constexpr Duration kPictureWaitMax = seconds(3);
constexpr Duration kPictureWaitStep = milliseconds(100);

Response finish(Response response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  return response;
}

// The session works on it by itself, so that a code may come any moment.
bool is_starting(const QrView& view) {
  const bool comes_back = view.status_reason == "NETWORK" || view.status_reason == "SERVER_RESTART";
  return view.status == "CREATED" || view.status == "CONNECTING" || view.status == "WAITING_QR" ||
         (view.status == "DISCONNECTED" && comes_back);
}

// The caller counts where the session's id was chosen: see Gateway::qr.
Result<QrView> find_qr(Gateway& gateway, const Call& call) {
  const std::string link_token = find_parameter(call.request.target.query, "t").value_or("");
  return gateway.qr(call.params[0], link_token, call.caller.scopes.empty() ? nullptr : &call.caller);
}

void show_code(Gateway& gateway, const Call& call) {
  const auto view = find_qr(gateway, call);
  if (!view) return call.respond(finish(to_response(view.error())));
  Json body = {{"session_id", view->session}, {"status", view->status}};
  if (!view->status_reason.empty()) body["status_reason"] = view->status_reason;
  if (!view->qr.empty()) {
    const auto link_token = find_parameter(call.request.target.query, "t");
    body["qr"] = view->qr;
    body["sequence"] = view->sequence;
    body["issued_at"] = to_rfc3339(view->issued_at);
    body["expires_at"] = to_rfc3339(view->expires_at);
    body["remaining_codes"] = view->remaining_codes;
    body["image_url"] = "/api/v1/qr/" + view->session + "/image" + (link_token ? "?t=" + *link_token : "");
  }
  Response response = to_response(Reply{200, body.dump(), {}});
  if (view->qr.empty() && is_starting(*view)) response.headers.emplace_back("Retry-After", "1");
  call.respond(finish(std::move(response)));
}

// Why there is no picture.
Response no_picture(const QrView& view) {
  if (view.status == "CONNECTED") return to_response(Error(ErrorCode::SESSION_ALREADY_CONNECTED));
  if (view.status_reason == "QR_TIMEOUT") {
    return to_response(Error(ErrorCode::QR_EXPIRED, "POST /v1/sessions/" + view.session + "/connect makes new ones"));
  }
  const std::string reason = view.status_reason.empty() ? "" : ", " + view.status_reason;
  Response response = to_response(Error(ErrorCode::QR_NOT_READY, "the session is " + view.status + reason));
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Result<int> picture_size(const Query& query) {
  const std::string text = find_parameter(query, "size").value_or("");
  if (text.empty()) return kPictureSizeDefault;
  int size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && size >= kPictureSizeMin && size <= kPictureSizeMax) return size;
  return fail(ErrorCode::INVALID_REQUEST, fmt::format("size is {} to {} pixels", kPictureSizeMin, kPictureSizeMax));
}

struct PictureFormat {
  std::string_view name, content_type;
  Result<std::string> (*draw)(const QrMatrix& matrix, int size_px);
};
constexpr PictureFormat kFormats[] = {
    {"png", "image/png", qr_png},
    {"svg", "image/svg+xml", [](const QrMatrix& m, int size) -> Result<std::string> { return qr_svg(m, size); }},
    {"txt", "text/plain; charset=utf-8", [](const QrMatrix& m, int) -> Result<std::string> { return qr_text(m); }},
};

Response picture(const QrView& view, const Query& query) {
  const auto size = picture_size(query);
  if (!size) return to_response(size.error());
  const std::string name = find_parameter(query, "format").value_or("png");
  const auto format =
      std::find_if(std::begin(kFormats), std::end(kFormats), [&](const auto& f) { return f.name == name; });
  if (format == std::end(kFormats)) {
    return to_response(Error(ErrorCode::INVALID_REQUEST, "format must be png, svg or txt"));
  }
  const auto matrix = make_qr(view.qr);
  if (!matrix) return to_response(matrix.error());
  auto drawn = format->draw(*matrix, *size);
  if (!drawn) return to_response(drawn.error());
  Response response;
  response.content_type = format->content_type;
  response.body = std::move(*drawn);
  response.headers.emplace_back("X-QR-Sequence", std::to_string(view.sequence));
  response.headers.emplace_back("X-QR-Expires-At", to_rfc3339(view.expires_at));
  return response;
}

void show_picture(Gateway& gateway, const Call& call, Duration waited) {
  const auto view = find_qr(gateway, call);
  if (!view) return call.respond(finish(to_response(view.error())));
  if (!view->qr.empty()) return call.respond(finish(picture(*view, call.request.target.query)));
  if (!is_starting(*view) || waited >= kPictureWaitMax) return call.respond(finish(no_picture(*view)));
  call.later(kPictureWaitStep, [&gateway, call, waited] { show_picture(gateway, call, waited + kPictureWaitStep); });
}

}  // namespace

Routes public_routes(Gateway& gateway) {
  const Handler status = [&gateway](Call call) {
    call.respond(finish(to_response(gateway.public_status(call.params[0]))));
  };
  return {
      {"GET", "/api/v1/qr/:id", kPublic, [&gateway](Call call) { show_code(gateway, call); }},
      {"GET", "/api/v1/qr/:id/image", kPublic, [&gateway](Call call) { show_picture(gateway, call, Duration(0)); }},
      {"GET", "/api/v1/sessions/:id/status", kPublic, status},
      {"GET", "/api/v1/status/:id", kPublic, status},
      {"GET", "/api/v1/qr/:id/status", kPublic, status},
  };
}

}  // namespace konekwa::http
