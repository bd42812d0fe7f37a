// /api/v1: what needs no key. The QR code to scan, and how a session is. Nothing here starts a connection, or tells a
// phone number.
#include <charconv>

#include <nlohmann/json.hpp>

#include "daemon/http/api.h"
#include "daemon/http/event_source.h"
#include "daemon/http/qr_image.h"

namespace konekwa::http {
namespace {

constexpr int kPictureSizeDefault = 400;
constexpr int kPictureSizeMin = 64;
constexpr int kPictureSizeMax = 2000;
// A page that shows the picture right after making the session asks before WhatsApp has sent the code.
constexpr Duration kPictureWaitMax = seconds(3);
constexpr Duration kPictureWaitStep = milliseconds(100);
constexpr int kCodeWaitMaxS = 30;   // less than proxies wait for an answer
constexpr Duration kCodeWaitStep = milliseconds(250);
constexpr int kSequenceMax = 1'000'000;

// The session works on it by itself, so that a code may come any moment.
bool is_starting(const QrView& view) {
  const bool comes_back = view.status_reason == "NETWORK" || view.status_reason == "SERVER_RESTART" ||
                          view.status_reason == "PROXY_ERROR";
  return view.status == "CREATED" || view.status == "CONNECTING" || view.status == "WAITING_QR" ||
         (view.status == "DISCONNECTED" && comes_back);
}

// The caller counts where the session's id was chosen: see Gateway::qr.
Result<QrView> find_qr(Gateway& gateway, const Call& call) {
  const std::string link_token = find_parameter(call.request.target.query, "t").value_or("");
  return gateway.qr(call.params[0], link_token, call.caller.scopes.empty() ? nullptr : &call.caller);
}

Json status_json(const QrView& view) {
  Json body = {{"session_id", view.session}, {"status", view.status}};
  if (!view.status_reason.empty()) body["status_reason"] = view.status_reason;
  return body;
}

Json code_json(const QrView& view, const Query& query) {
  Json body = status_json(view);
  if (view.qr.empty()) return body;
  const auto link_token = find_parameter(query, "t");
  body["qr"] = view.qr;
  body["sequence"] = view.sequence;
  body["issued_at"] = to_rfc3339(view.issued_at);
  body["expires_at"] = to_rfc3339(view.expires_at);
  body["remaining_codes"] = view.remaining_codes;
  body["image_url"] = "/api/v1/qr/" + view.session + "/image" + (link_token ? "?t=" + *link_token : "");
  return body;
}

// What a client has seen, so that it can wait for something else.
struct Seen {
  int sequence = 0;
  std::string status;
  Duration left{0};   // to wait
};

// The number of a query parameter from 0 to `max`; nothing when it is absent.
Result<std::optional<int>> whole_number(const Query& query, std::string_view name, int max) {
  const auto text = find_parameter(query, name);
  if (!text) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool is_number = error == std::errc() && end == text->data() + text->size();
  if (is_number && value >= 0 && value <= max) return value;
  return fail(ErrorCode::INVALID_REQUEST, fmt::format("{} is a whole number from 0 to {}", name, max));
}

void show_code_when_new(Gateway& gateway, const Call& call, const Seen& seen) {
  const auto view = find_qr(gateway, call);
  if (!view) return call.respond(as_public(to_response(view.error())));
  const bool is_new = view->status != seen.status || view->sequence > seen.sequence;
  if (is_new || seen.left <= Duration(0)) {
    Response response = to_response(Reply{200, code_json(*view, call.request.target.query).dump(), {}});
    if (view->qr.empty() && is_starting(*view)) response.headers.emplace_back("Retry-After", "1");
    return call.respond(as_public(std::move(response)));
  }
  call.later(kCodeWaitStep, [&gateway, call, seen] {
    show_code_when_new(gateway, call, {seen.sequence, seen.status, seen.left - kCodeWaitStep});
  });
}

void show_code(Gateway& gateway, const Call& call) {
  const Query& query = call.request.target.query;
  const auto wait_s = whole_number(query, "wait", kCodeWaitMaxS);
  if (!wait_s) return call.respond(as_public(to_response(wait_s.error())));
  const auto after = whole_number(query, "after", kSequenceMax);
  if (!after) return call.respond(as_public(to_response(after.error())));
  Seen seen;
  seen.left = seconds(wait_s->value_or(0));
  if (seen.left > Duration(0)) {
    const auto present = find_qr(gateway, call);
    if (!present) return call.respond(as_public(to_response(present.error())));
    seen.status = present->status;
    seen.sequence = after->value_or(present->sequence);
  }
  show_code_when_new(gateway, call, seen);
}

// Each code, each status, and the end of it all. After the last status nothing comes until somebody acts.
void stream_code(Gateway& gateway, const Call& call) {
  if (const auto first = find_qr(gateway, call); !first) return call.respond(as_public(to_response(first.error())));
  const auto seen = std::make_shared<Seen>();
  const Produce produce = [&gateway, call, seen]() -> Produced {
    const auto view = find_qr(gateway, call);
    if (!view) return {sse_event("", "error", to_response(view.error()).body), true, false};
    Produced out;
    if (view->status != seen->status) out.text += sse_event("", "status", status_json(*view).dump());
    if (!view->qr.empty() && view->sequence != seen->sequence) {
      out.text += sse_event("", "qr", code_json(*view, call.request.target.query).dump());
      seen->sequence = view->sequence;
    }
    seen->status = view->status;
    out.is_over = !is_starting(*view);
    if (out.is_over) out.text += sse_event("", "done", status_json(*view).dump());
    return out;
  };
  const auto watch = [&gateway](Task told) { return gateway.watch_events(std::move(told)); };
  call.respond(as_public(event_stream(call.later, watch, produce)));
}

// Why there is no picture.
Response no_picture(const QrView& view) {
  if (view.status == "CONNECTED") return to_response(Error(ErrorCode::SESSION_ALREADY_CONNECTED));
  if (view.status_reason == "QR_TIMEOUT") {
    const std::string what_next = "POST /v1/sessions/" + view.session + "/restart-qr makes new ones";
    return to_response(Error(ErrorCode::QR_EXPIRED, what_next));
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
  if (!view) return call.respond(as_public(to_response(view.error())));
  if (!view->qr.empty()) return call.respond(as_public(picture(*view, call.request.target.query)));
  if (!is_starting(*view) || waited >= kPictureWaitMax) return call.respond(as_public(no_picture(*view)));
  call.later(kPictureWaitStep, [&gateway, call, waited] { show_picture(gateway, call, waited + kPictureWaitStep); });
}

}  // namespace

Routes public_routes(Gateway& gateway) {
  const Handler status = [&gateway](Call call) {
    call.respond(as_public(to_response(gateway.public_status(call.params[0]))));
  };
  return {
      {"GET", "/api/v1/qr/:id", kPublic, [&gateway](Call call) { show_code(gateway, call); }},
      {"GET", "/api/v1/qr/:id/stream", kPublic, [&gateway](Call call) { stream_code(gateway, call); }},
      {"GET", "/api/v1/status", kPublic,
       [&gateway](Call call) { call.respond(as_public(to_response(gateway.server_status()))); }},
      {"GET", "/api/v1/qr/:id/image", kPublic, [&gateway](Call call) { show_picture(gateway, call, Duration(0)); }},
      {"GET", "/api/v1/sessions/:id/status", kPublic, status},
      {"GET", "/api/v1/status/:id", kPublic, status},
      {"GET", "/api/v1/qr/:id/status", kPublic, status},
  };
}

}  // namespace konekwa::http
