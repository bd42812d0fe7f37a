#include "tests/unit/daemon/api_fixture.h"

#include <catch2/catch.hpp>

#include "common/log.h"
#include "daemon/store/sessions.h"
#include "daemon/wa/client_payload.h"

namespace konekwa::test {
namespace {

session::Options session_options() {
  session::Options options;
  options.endpoint = wa::whatsapp_endpoint();
  options.whatsapp_version = to_string(wa::default_version());
  return options;
}

GatewayOptions with_queue_max(std::int64_t queue_max) {
  GatewayOptions out;
  out.queue_max = queue_max;
  return out;
}

http::Request to_request(const Ask& ask) {
  http::Request request;
  request.id = "r1";
  request.header.method = ask.method;
  request.header.target = ask.target;
  request.header.content_length = ask.body.size();
  request.header.fields = ask.headers;
  if (!ask.key.empty()) request.header.fields.emplace_back("x-api-key", ask.key);
  auto target = http::parse_target(ask.target);
  REQUIRE(target);
  request.target = std::move(*target);
  request.peer = {ask.is_socket_admin, ask.is_socket_admin, ask.is_socket_admin ? "" : "127.0.0.1"};
  return request;
}

Answer to_answer(const http::Response& response) {
  Answer out;
  out.status = response.status;
  out.raw = response.body;
  out.body = Json::parse(response.body, nullptr, false);
  if (out.body.is_discarded()) out.body = nullptr;
  for (const auto& [name, value] : response.headers) out.headers[name] = value;
  out.source = response.source;
  return out;
}

}  // namespace

std::vector<std::string> Answer::keys() const {
  std::vector<std::string> out;
  for (const auto& [key, value] : body.items()) out.push_back(key);
  return out;
}

ApiFixture::ApiFixture(std::int64_t queue_max) : ApiFixture(with_queue_max(queue_max)) {}

ApiFixture::ApiFixture(GatewayOptions options, http::RateLimits limits)
    : sessions(loop, random, network, session::MediaTools{web, web, inspector, media, worker, {}}, store.writer,
               store.readers, session_options()),
      gateway({loop, random, store.writer, store.readers, sessions, feed, media, worker, web, std::move(options)}) {
  log::set_level(log::Level::Off);   // sessions that are refused say so
  auto made = http::make_api(gateway, loop, limits);
  REQUIRE(made);
  api = std::move(*made);
  network.set_refusing(true);
}

Answer ApiFixture::ask(const Ask& ask) {
  http::Request request = to_request(ask);
  auto admission = api->admit(request);
  if (const auto* refusal = std::get_if<http::Response>(&admission)) return to_answer(*refusal);
  auto& admitted = std::get<http::Application::Admitted>(admission);
  if (admitted.sink) fill(*admitted.sink, ask.body);
  else request.body = ask.body;
  std::optional<http::Response> answered;
  const auto respond = [&](http::Response response) {
    REQUIRE_FALSE(answered);
    answered = std::move(response);
  };
  const auto later = [this](Duration wait, Task task) { later_.push_back(loop.after(wait, std::move(task))); };
  admitted.run(std::move(request), respond, later);
  if (!answered) loop.run_until([&] { return answered.has_value(); });
  REQUIRE(answered);
  if (answered->length && answered->source) answered->body = read_all(*std::exchange(answered->source, nullptr));
  return to_answer(*answered);
}

// As the server does: piece by piece, until no more is wanted.
void ApiFixture::fill(http::BodySink& sink, const std::string& body) {
  constexpr std::size_t kPieceBytes = 1000;
  bool is_wanted = true;
  for (std::size_t at = 0; is_wanted && at < body.size(); at += kPieceBytes) {
    std::optional<bool> goes_on;
    sink.write(body.substr(at, kPieceBytes), [&](bool is) { goes_on = is; });
    loop.run_until([&] { return goes_on.has_value(); });
    is_wanted = goes_on.value();
  }
}

std::string ApiFixture::read_all(http::BodySource& source) {
  std::string out;
  while (true) {
    std::optional<std::string> piece;
    source.next([&](std::string text) { piece = std::move(text); });
    loop.run_until([&] { return piece.has_value(); });
    if (piece->empty()) return out;
    out += *piece;
  }
}

std::optional<std::string> ApiFixture::next_piece(const Answer& stream) {
  REQUIRE(stream.source);
  // It outlives this call, as the source may keep what it was given.
  const auto piece = std::make_shared<std::optional<std::string>>();
  stream.source->next([piece](std::string text) { *piece = std::move(text); });
  loop.run_until_idle();
  return *piece;
}

Answer ApiFixture::admin(const std::string& method, const std::string& target, const std::string& body,
                         const std::string& tenant) {
  Ask out{method, target, body, "", true, {}};
  if (!tenant.empty()) out.headers.emplace_back("x-konekwa-tenant", tenant);
  return ask(out);
}

Answer ApiFixture::with_key(const std::string& key, const std::string& method, const std::string& target,
                            const std::string& body) {
  return ask({method, target, body, key, false, {}});
}

std::string ApiFixture::new_token(const std::string& body) {
  const Answer answer = admin("POST", "/v1/tokens", body);
  INFO(answer.raw);
  REQUIRE(answer.status == 201);
  return answer.body["token"];
}

std::string ApiFixture::new_session(const std::string& key, const std::string& name) {
  const Answer answer = with_key(key, "POST", "/v1/sessions", Json{{"name", name}}.dump());
  INFO(answer.raw);
  REQUIRE(answer.status == 201);
  return answer.body["id"];
}

void ApiFixture::set_status(const std::string& session, store::SessionStatus status, const std::string& reason) {
  REQUIRE(store::sessions::set_status(store.db, session, status, reason, loop.now()));
}

std::string message_body(const std::string& session, const std::string& recipient) {
  return Json{{"session_id", session}, {"recipient", recipient}, {"message_type", "text"}, {"content", "halo"}}.dump();
}

}  // namespace konekwa::test
