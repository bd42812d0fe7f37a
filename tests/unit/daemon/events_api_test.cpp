// GET /v1/events and the stream of a QR code, piece by piece.
#include <set>
#include <sstream>

#include "daemon/http/event_source.h"
#include "tests/unit/daemon/api_fixture.h"

using namespace konekwa;
using test::ApiFixture;
using Keys = std::vector<std::string>;

namespace {

struct Event {
  std::string id, type;
  Json data;
};

std::vector<Event> parse_events(const std::string& piece) {
  std::vector<Event> out;
  for (std::size_t begin = 0; begin < piece.size();) {
    const std::size_t end = piece.find("\n\n", begin);
    REQUIRE(end != std::string::npos);
    Event event;
    std::istringstream lines(piece.substr(begin, end - begin));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("id: ")) event.id = line.substr(4);
      if (line.starts_with("event: ")) event.type = line.substr(7);
      if (line.starts_with("data: ")) event.data = Json::parse(line.substr(6));
    }
    // The first block has an id only: where the stream begins.
    if (!event.type.empty()) out.push_back(std::move(event));
    begin = end + 2;
  }
  return out;
}

// A client that reads a stream.
class Stream {
 public:
  Stream(ApiFixture& f, test::Answer answer) : f_(f), answer_(std::move(answer)) {
    INFO(answer_.raw);
    REQUIRE(answer_.status == 200);
    REQUIRE(answer_.source);
  }
  // What has come by now.
  std::vector<Event> take() {
    std::vector<Event> out;
    for (int i = 0; i < 50; ++i) {
      if (!is_asked_) ask();
      f_.loop.run_until_idle();
      if (!*piece_) return out;
      is_asked_ = false;
      last_piece = **piece_;
      if (last_piece.empty()) return out;
      if (last_piece.starts_with(':')) continue;
      for (Event& event : parse_events(last_piece)) out.push_back(std::move(event));
    }
    return out;
  }
  Keys types() {
    Keys out;
    for (const Event& event : take()) out.push_back(event.type);
    return out;
  }
  bool is_over() {
    take();
    return !is_asked_ && last_piece.empty();
  }

  std::string last_piece = "none yet";

 private:
  void ask() {
    piece_ = std::make_shared<std::optional<std::string>>();
    answer_.source->next([piece = piece_](std::string text) { *piece = std::move(text); });
    is_asked_ = true;
  }

  ApiFixture& f_;
  test::Answer answer_;
  std::shared_ptr<std::optional<std::string>> piece_;
  bool is_asked_ = false;
};

struct Fixture : ApiFixture {
  Fixture() {
    // Or its attempts to connect would be events, too.
    REQUIRE(with_key(key, "POST", "/v1/sessions/" + session + "/disconnect").status == 200);
    loop.run_until_idle();
  }

  const test::Answer token = admin("POST", "/v1/tokens", R"({"name":"k"})");
  const std::string key = token.body["token"];
  const std::string session = new_session(key);

  Stream stream(const std::string& query = {}, const std::string& with = {}, const std::string& last_id = {}) {
    test::Ask wanted{"GET", "/v1/events" + query, "", with.empty() ? key : with, false, {}};
    if (!last_id.empty()) wanted.headers.emplace_back("last-event-id", last_id);
    return {*this, ask(wanted)};
  }
  // Makes one event: a message that is cancelled. The message's id.
  std::string happen(const std::string& of, const std::string& with) {
    const std::string id = with_key(with, "POST", "/v1/messages", test::message_body(of)).body["message_id"];
    REQUIRE(with_key(with, "DELETE", "/v1/messages/" + id).status == 200);
    return id;
  }
  std::string happen() { return happen(session, key); }
};

}  // namespace

TEST_CASE("a stream tells what happens from then on, as it happens") {
  Fixture f;
  f.happen();
  Stream stream = f.stream();
  CHECK(stream.take().empty());
  const std::string message = f.happen();
  const auto events = stream.take();
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == "message.cancelled");
  CHECK(events[0].data["event_type"] == "message.cancelled");
  CHECK(events[0].data["session_id"] == f.session);
  CHECK(events[0].data["data"]["message_id"] == message);
  CHECK(stream.take().empty());
  f.happen();
  f.happen();
  CHECK(stream.take().size() == 2);
}

TEST_CASE("the head of a stream keeps proxies from collecting it") {
  Fixture f;
  const auto answer = f.with_key(f.key, "GET", "/v1/events");
  CHECK(answer.headers.at("Cache-Control") == "no-store");
  CHECK(answer.headers.at("X-Accel-Buffering") == "no");
}

TEST_CASE("a stream says at once where it begins, so that a client without an event can resume") {
  Fixture f;
  f.happen();
  Stream stream = f.stream();
  CHECK(stream.take().empty());
  const std::string first = stream.last_piece;
  REQUIRE(first.starts_with("id: "));
  f.happen();
  const std::string position = first.substr(4, first.find('\n') - 4);
  CHECK(f.stream({}, {}, position).take().size() == 1);
}

TEST_CASE("a client resumes behind the last event that it knows") {
  Fixture f;
  Keys ids;
  for (int i = 0; i < 4; ++i) f.happen();
  for (const auto& event : f.stream("?after=0&types=message.cancelled").take()) ids.push_back(event.id);
  REQUIRE(ids.size() == 4);
  const auto ids_of = [](Stream stream) {
    Keys out;
    for (const Event& event : stream.take()) out.push_back(event.id);
    return out;
  };
  CHECK(ids_of(f.stream("?after=" + ids[1])) == Keys{ids[2], ids[3]});
  CHECK(ids_of(f.stream("", "", ids[2])) == Keys{ids[3]});
  // The header is what a browser sends when it comes back, with the URL that it began with.
  CHECK(ids_of(f.stream("?after=0", "", ids[2])) == Keys{ids[3]});
  CHECK(ids_of(f.stream("?after=" + ids[3])).empty());
  for (const char* after : {"x", "-1", "1.5", "99999999999999999999"}) {
    CHECK(f.with_key(f.key, "GET", std::string("/v1/events?after=") + after).code() == "INVALID_REQUEST");
  }
}

TEST_CASE("many events come in pieces, all of them and in order") {
  Fixture f;
  for (int i = 0; i < 450; ++i) f.happen();
  std::int64_t last = 0;
  int count = 0;
  Stream stream = f.stream("?after=0&types=message.cancelled");
  for (const Event& event : stream.take()) {
    CHECK(std::stoll(event.id) > last);
    last = std::stoll(event.id);
    ++count;
  }
  CHECK(count == 450);
  f.happen();
  CHECK(stream.take().size() == 1);
}

TEST_CASE("a filter finds what it wants behind many events that it does not want") {
  Fixture f;
  const std::string second = f.new_session(f.key, "second");
  for (int i = 0; i < 300; ++i) f.happen();
  f.happen(second, f.key);
  CHECK(f.stream("?after=0&types=message.cancelled&session_id=" + second).take().size() == 1);
}

TEST_CASE("a type of events that is none is refused: its stream would stay empty for ever") {
  Fixture f;
  const auto wrong = f.with_key(f.key, "GET", "/v1/events?types=message.received,bogus");
  CHECK(wrong.status == 400);
  CHECK(wrong.details().find("types has 'bogus', which is none of *, message.*") == 0);
}

TEST_CASE("events are filtered by session, by type and by scope") {
  Fixture f;
  f.sessions.start();
  const std::string second = f.new_session(f.key, "second");   // its status changes, as the network refuses it
  f.loop.advance(seconds(1));
  f.happen();
  f.happen(second, f.key);
  const auto of = [&](const std::string& query, const std::string& with = {}) {
    std::set<std::string> out;
    for (const auto& type : f.stream(query, with).types()) out.insert(type.substr(0, type.find('.')));
    return out;
  };
  using Nouns = std::set<std::string>;
  CHECK(of("?after=0") == Nouns{"message", "session"});
  CHECK(of("?after=0&types=session.status") == Nouns{"session"});
  CHECK(of("?after=0&types=message.cancelled,session.status") == Nouns{"message", "session"});
  CHECK(of("?after=0&types=message.received").empty());
  CHECK(of("?after=0&types=message.*") == Nouns{"message"});
  CHECK(of("?after=0&types=session.*,message.*") == of("?after=0"));
  const auto of_second = f.stream("?after=0&session_id=" + second).take();
  CHECK_FALSE(of_second.empty());
  for (const Event& event : of_second) CHECK(event.data["session_id"] == second);
  CHECK(of("?after=0", f.new_token(R"({"name":"m","scopes":["messages:read"]})")) == Nouns{"message"});
  CHECK(of("?after=0", f.new_token(R"({"name":"s","scopes":["sessions:read"]})")) == Nouns{"session"});
  const std::string neither = f.new_token(R"({"name":"n","scopes":["messages:send"]})");
  CHECK(f.with_key(neither, "GET", "/v1/events").code() == "FORBIDDEN");
  const std::string narrow = f.new_token(Json{{"name", "n"}, {"sessions", {second}}}.dump());
  const auto of_narrow = f.stream("?after=0", narrow).take();
  CHECK(of_narrow.size() == of_second.size());
  for (const Event& event : of_narrow) CHECK(event.data["session_id"] == second);
  CHECK(f.with_key(narrow, "GET", "/v1/events?session_id=" + f.session).code() == "SESSION_NOT_ALLOWED");
}

TEST_CASE("events of another tenant never appear") {
  Fixture f;
  const std::string other = f.new_token(R"({"name":"o","tenant":"warung"})");
  const std::string theirs = f.new_session(other);
  Stream mine = f.stream("?after=0&types=message.cancelled"), live = f.stream();
  mine.take();
  live.take();
  f.happen(theirs, other);
  CHECK(mine.take().empty());
  CHECK(live.take().empty());
  f.happen();
  CHECK(mine.take().size() == 1);
  CHECK(f.with_key(f.key, "GET", "/v1/events?session_id=" + theirs).code() == "SESSION_NOT_FOUND");
  // An admin sees all, or one tenant's.
  Stream all(f, f.admin("GET", "/v1/events?after=0&types=message.cancelled"));
  CHECK(all.take().size() == 2);
  Stream one(f, f.admin("GET", "/v1/events?after=0&types=message.cancelled", "", "warung"));
  CHECK(one.take().size() == 1);
}

TEST_CASE("a stream ends with an error when its key does") {
  Fixture f;
  Stream stream = f.stream();
  CHECK(stream.take().empty());
  std::string code;
  SECTION("revoked") {
    f.admin("DELETE", "/v1/tokens/" + f.token.body["id"].get<std::string>());
    code = "API_KEY_REVOKED";
  }
  SECTION("suspended") {
    f.admin("PATCH", "/v1/tenants/default", R"({"suspended":true})");
    code = "TENANT_SUSPENDED";
  }
  f.loop.advance(http::kKeepAliveInterval);   // asked again at the latest then
  const auto events = stream.take();
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == "error");
  CHECK(events[0].data["error"]["code"] == code);
  CHECK(stream.is_over());
}

TEST_CASE("no event goes to a key that was revoked") {
  Fixture f;
  const std::string watcher = f.new_token(R"({"name":"w"})");
  Stream stream = f.stream("", watcher);
  CHECK(stream.take().empty());
  const Json tokens = f.admin("GET", "/v1/tokens").body["tokens"];
  for (const auto& token : tokens) {
    if (token["name"] == "w") f.admin("DELETE", "/v1/tokens/" + token["id"].get<std::string>());
  }
  f.happen();
  CHECK(stream.types() == Keys{"error"});
  CHECK(stream.is_over());
}

TEST_CASE("a stream of a key that expires ends with it") {
  Fixture f;
  Stream stream = f.stream("", f.new_token(R"({"name":"e","expires_in":"1h"})"));
  CHECK(stream.take().empty());
  f.loop.advance(minutes(59));
  CHECK(stream.take().empty());
  f.loop.advance(minutes(2));
  const auto events = stream.take();
  REQUIRE(events.size() == 1);
  CHECK(events[0].data["error"]["code"] == "API_KEY_EXPIRED");
}

TEST_CASE("a stream without news says so every 15 seconds") {
  Fixture f;
  Stream stream = f.stream();
  CHECK(stream.take().empty());
  f.loop.advance(http::kKeepAliveInterval - milliseconds(1));
  CHECK(stream.take().empty());
  CHECK(stream.last_piece.starts_with("id: "));
  f.loop.advance(milliseconds(1));
  CHECK(stream.take().empty());
  CHECK(stream.last_piece == ": keep-alive\n\n");
}

TEST_CASE("a client that goes leaves nothing behind") {
  Fixture f;
  {
    Stream stream = f.stream();
    stream.take();
  }
  f.happen();
  f.loop.advance(minutes(1));
  CHECK(f.stream("?after=0&types=message.cancelled").take().size() == 1);
}

TEST_CASE("the stream of a code tells each status, and ends when nothing more comes by itself") {
  Fixture f;
  f.set_status(f.session, store::SessionStatus::CONNECTING);
  Stream stream(f, f.with_key("", "GET", "/api/v1/qr/" + f.session + "/stream"));
  const auto first = stream.take();
  REQUIRE(first.size() == 1);
  CHECK(first[0].type == "status");
  CHECK(first[0].data["session_id"] == f.session);
  f.set_status(f.session, store::SessionStatus::CONNECTED);
  f.happen();   // an event makes it look
  const auto last = stream.take();
  REQUIRE(last.size() == 2);
  CHECK(last[0].type == "status");
  CHECK(last[1].type == "done");
  CHECK(last[1].data == Json{{"session_id", f.session}, {"status", "CONNECTED"}});
  CHECK(stream.is_over());
  CHECK(f.with_key("", "GET", "/api/v1/qr/ses_none/stream").code() == "SESSION_NOT_FOUND");
}

TEST_CASE("a stream of a code that will not come by itself says so and ends") {
  Fixture f;   // whose session was disconnected
  Stream stream(f, f.with_key("", "GET", "/api/v1/qr/" + f.session + "/stream"));
  CHECK(stream.types() == Keys{"status", "done"});
  CHECK(stream.is_over());
}

TEST_CASE("the stream of a code ends with the session") {
  Fixture f;
  f.set_status(f.session, store::SessionStatus::CONNECTING);
  Stream stream(f, f.with_key("", "GET", "/api/v1/qr/" + f.session + "/stream"));
  stream.take();
  CHECK(f.with_key(f.key, "DELETE", "/v1/sessions/" + f.session).status == 200);
  f.loop.advance(http::kKeepAliveInterval);
  const auto events = stream.take();
  REQUIRE_FALSE(events.empty());
  CHECK(events.back().type == "error");
  CHECK(events.back().data["error"]["code"] == "SESSION_NOT_FOUND");
  CHECK(stream.is_over());
}
