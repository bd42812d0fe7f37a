#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "common/sha256.h"
#include "daemon/gateway/media_retention.h"
#include "daemon/store/message_media.h"
#include "daemon/store/messages.h"
#include "daemon/store/uploads.h"
#include "tests/unit/daemon/api_fixture.h"

namespace konekwa {
namespace {

namespace fs = std::filesystem;
using test::Answer;
using test::ApiFixture;

Bytes hash_of(std::string_view content) {
  Sha256 hash;
  hash.add(as_bytes(content));
  return hash.finish();
}

std::string long_text(std::size_t size) {
  std::string out;
  while (out.size() < size) out += std::to_string(out.size()) + " ";
  out.resize(size);
  return out;
}

std::size_t count_files(const std::string& folder) {
  std::error_code ec;
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ec)) count += entry.is_regular_file() ? 1 : 0;
  return count;
}

struct Fixture : ApiFixture {
  using ApiFixture::ApiFixture;
  const std::string key = new_token(R"({"name":"a"})");
  const std::string other = new_token(R"({"name":"b","tenant":"other"})");

  Answer upload(const std::string& content, const std::string& type = "image/jpeg",
                const std::string& query = "?filename=cat.jpg", const std::string& with = {}) {
    return ask({"POST", "/v1/media" + query, content, with.empty() ? key : with, false, {{"content-type", type}}});
  }
  Answer get(const std::string& target, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return ask({"GET", target, "", key, false, std::move(headers)});
  }

  // A message that brought `content`.
  std::string received(const std::string& session, const std::string& content,
                       store::MediaState state = store::MediaState::STORED) {
    const std::string temporary = media.temporary_path();
    std::ofstream(temporary) << content;
    REQUIRE(media.adopt(temporary, hash_of(content)));
    store::MessageRow row;
    row.id = "msg_" + std::to_string(++made);
    row.tenant = "default";
    row.session = session;
    row.outbound = false;
    row.state = store::MessageState::RECEIVED;
    row.message_type = "document";
    row.chat_id = "6281234567890@s.whatsapp.net";
    row.wa_message_id = row.id;
    row.created_at = loop.now();
    store::MessageMediaRow file;
    file.message = store::messages::insert(store.db, row);
    file.session = session;
    file.state = state;
    file.kind = "document";
    file.mimetype = "application/pdf";
    file.filename = "k\xc3\xb6ter.pdf";
    file.sha256 = hash_of(content);
    file.length = static_cast<std::int64_t>(content.size());
    file.stored_at = loop.now();
    file.error = "404";
    store::message_media::put(store.db, file);
    return row.id;
  }
  int made = 0;
};

GatewayOptions with_quota(std::uint64_t quota) {
  GatewayOptions out;
  out.media_quota = quota;
  return out;
}

TEST_CASE("a file is uploaded, shown and deleted", "[media]") {
  Fixture f;
  const std::string content = long_text(5000);
  const Answer made = f.upload(content);
  INFO(made.raw);
  REQUIRE(made.status == 201);
  CHECK(made.keys() == std::vector<std::string>{"id", "media_url", "size", "sha256", "mimetype", "filename",
                                                "created_at", "expires_at"});
  const std::string id = made.body["id"];
  CHECK(made.body["media_url"] == "konekwa://media/" + id);
  CHECK(made.body["size"] == 5000);
  CHECK(made.body["sha256"] == to_hex(hash_of(content)));
  CHECK(made.body["mimetype"] == "image/jpeg");
  CHECK(made.body["filename"] == "cat.jpg");
  CHECK(f.media.has(hash_of(content)));
  CHECK(count_files(f.dir.file("media/tmp")) == 0);

  CHECK(f.get("/v1/media/" + id).body == made.body);
  CHECK(f.with_key(f.other, "GET", "/v1/media/" + id).code() == "MEDIA_NOT_FOUND");
  CHECK(f.with_key(f.other, "DELETE", "/v1/media/" + id).code() == "MEDIA_NOT_FOUND");
  CHECK(f.with_key(f.key, "DELETE", "/v1/media/" + id).status == 200);
  CHECK(f.get("/v1/media/" + id).code() == "MEDIA_NOT_FOUND");
}

TEST_CASE("the same file twice is one upload, and one file for every tenant", "[media]") {
  Fixture f;
  const Answer first = f.upload("hello");
  f.loop.advance(hours(24));
  const Answer again = f.upload("hello");
  CHECK(again.body["id"] == first.body["id"]);
  CHECK(again.body["expires_at"] > first.body["expires_at"]);
  CHECK(f.upload("hello", "image/png").body["id"] != first.body["id"]);
  CHECK(f.upload("hello", "image/jpeg", "?filename=cat.jpg", f.other).body["id"] != first.body["id"]);
  CHECK(count_files(f.dir.file("media")) == 1);
}

TEST_CASE("type and name of an upload may be left out, and the name stands in either place", "[media]") {
  Fixture f;
  const Answer plain = f.upload("a", "application/octet-stream", "");
  CHECK_FALSE(plain.body.contains("mimetype"));
  CHECK_FALSE(plain.body.contains("filename"));
  const Answer named = f.ask({"POST", "/v1/media", "b", f.key, false,
                              {{"content-disposition", "attachment; filename=\"b.pdf\""}}});
  CHECK(named.body["filename"] == "b.pdf");
}

TEST_CASE("an upload that makes no sense is refused, and nothing is kept", "[media]") {
  Fixture f;
  CHECK(f.upload("").code() == "INVALID_REQUEST");
  CHECK(f.upload("a", "image").code() == "INVALID_REQUEST");
  CHECK(f.upload("a", "image/jpeg", "?filename=a%2Fb").code() == "INVALID_REQUEST");
  CHECK(f.upload("a", "multipart/mixed; boundary=x").status == 415);
  CHECK(f.ask({"POST", "/v1/media", "a", "", false, {}}).status == 401);
  const std::string reader = f.new_token(R"({"name":"r","scopes":["messages:read"]})");
  CHECK(f.upload("a", "image/jpeg", "", reader).status == 403);
  CHECK(count_files(f.dir.file("media")) == 0);
}

TEST_CASE("a file that has no room is refused, and nothing of it is kept", "[media]") {
  Fixture f(with_quota(4000));
  REQUIRE(f.upload(long_text(1500)).status == 201);
  const Answer refused = f.upload(long_text(3000));
  CHECK(refused.status == 507);
  CHECK(refused.code() == "STORAGE_FULL");
  CHECK(count_files(f.dir.file("media")) == 1);
  CHECK(f.upload("small").status == 201);
}

TEST_CASE("an upload whose row is not durable is no upload", "[media]") {
  Fixture f;
  f.upload("first");
  f.store.writer.refusals = 1;
  CHECK(f.upload("second").code() == "STORAGE_UNAVAILABLE");
  CHECK(f.store.db.integer("SELECT count(*) FROM uploads") == 1);
}

TEST_CASE("the file of a message is served with what is known of it", "[media]") {
  Fixture f;
  const std::string content = long_text(300'000);
  const std::string id = f.received(f.new_session(f.key), content);
  const Answer whole = f.get("/v1/messages/" + id + "/media");
  REQUIRE(whole.status == 200);
  CHECK(whole.raw == content);
  CHECK(whole.headers.at("ETag") == "\"" + to_hex(hash_of(content)) + "\"");
  CHECK(whole.headers.at("X-Content-Type-Options") == "nosniff");
  CHECK(whole.headers.at("Content-Disposition") ==
        "attachment; filename=\"k__ter.pdf\"; filename*=UTF-8''k%C3%B6ter.pdf");
  CHECK(f.with_key(f.other, "GET", "/v1/messages/" + id + "/media").code() == "MESSAGE_NOT_FOUND");
}

TEST_CASE("a part of a file is served, and none when the client has it", "[media]") {
  Fixture f;
  const std::string target = "/v1/messages/" + f.received(f.new_session(f.key), "0123456789") + "/media";
  const Answer part = f.get(target, {{"range", "bytes=2-4"}});
  CHECK(part.status == 206);
  CHECK(part.raw == "234");
  CHECK(part.headers.at("Content-Range") == "bytes 2-4/10");
  const Answer behind = f.get(target, {{"range", "bytes=10-"}});
  CHECK(behind.status == 416);
  CHECK(behind.headers.at("Content-Range") == "bytes */10");
  const std::string etag = part.headers.at("ETag");
  CHECK(f.get(target, {{"if-none-match", etag}}).status == 304);
  CHECK(f.get(target, {{"range", "bytes=2-4"}, {"if-range", etag}}).status == 206);
  CHECK(f.get(target, {{"range", "bytes=2-4"}, {"if-range", "\"else\""}}).status == 200);
}

constexpr const char* kFormType = "multipart/form-data; boundary=x";

std::string part(const std::string& name, const std::string& content, const std::string& more = {}) {
  return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" + content + "\r\n";
}

TEST_CASE("a file may come in a form, as HTTP libraries send it", "[media]") {
  Fixture f;
  const std::string content = long_text(300'000);
  const std::string file = part("file", content, "; filename=\"struk.jpg\"\r\nContent-Type: image/jpeg");
  const Answer made = f.upload(part("note", "x") + file + "--x--\r\n", kFormType);
  INFO(made.raw);
  REQUIRE(made.status == 201);
  CHECK(made.body["size"] == content.size());
  CHECK(made.body["sha256"] == to_hex(hash_of(content)));
  CHECK(made.body["mimetype"] == "image/jpeg");
  CHECK(made.body["filename"] == "struk.jpg");
}

TEST_CASE("a form that has no file, or two, or is none, is refused, and nothing is kept", "[media]") {
  Fixture f;
  const std::string file = part("file", "abc");
  for (const std::string& form : {std::string("abc"), part("other", "abc") + "--x--", file, file + file + "--x--",
                                  part("file", "") + "--x--", part("file", "a", "\r\nContent-Type: none") + "--x--"}) {
    INFO(form);
    const Answer refused = f.upload(form, kFormType);
    CHECK(refused.status == 400);
    CHECK(refused.code() == "INVALID_REQUEST");
  }
  CHECK(f.upload(file + "--x--", "multipart/form-data").code() == "INVALID_REQUEST");
  CHECK(count_files(f.dir.file("media")) == 0);
}

TEST_CASE("the file in a form has the limit of any file", "[media]") {
  GatewayOptions options;
  options.media_bytes_max = 1000;
  Fixture f(options);
  CHECK(f.upload(part("file", std::string(1000, 'a')) + "--x--", kFormType).status == 201);
  CHECK(f.upload(part("file", std::string(1001, 'a')) + "--x--", kFormType).status == 413);
}

TEST_CASE("why a message has no file is told", "[media]") {
  Fixture f;
  const std::string session = f.new_session(f.key);
  const auto ask_for = [&](const std::string& id) { return f.get("/v1/messages/" + id + "/media"); };
  const Answer pending = ask_for(f.received(session, "a", store::MediaState::PENDING));
  CHECK(pending.code() == "MEDIA_NOT_READY");
  CHECK(pending.headers.count("Retry-After") == 1);
  const Answer lost = ask_for(f.received(session, "a", store::MediaState::FAILED));
  CHECK(lost.status == 410);
  CHECK(lost.code() == "MEDIA_LOST");
  CHECK(lost.details() == "404");
  CHECK(ask_for(f.received(session, "a", store::MediaState::EXPIRED)).code() == "MEDIA_EXPIRED");
  CHECK(ask_for("msg_none").code() == "MESSAGE_NOT_FOUND");
  const std::string gone = f.received(session, "gone");
  f.media.erase(hash_of("gone"));
  CHECK(ask_for(gone).code() == "MEDIA_EXPIRED");
  const Answer text = f.with_key(f.key, "POST", "/v1/messages", test::message_body(session));
  CHECK(ask_for(text.body["message_id"]).code() == "MEDIA_NOT_FOUND");
}

struct Kept : Fixture {
  MediaRetention retention{{loop, worker, store.writer, store.readers, media}, {hours(24), 0}};

  void make_old(const std::string& content) {
    fs::last_write_time(media.path_of(hash_of(content)), fs::file_time_type::clock::now() - std::chrono::hours(9999));
  }
};

TEST_CASE("media is kept for its time, and then taken away with its file", "[media]") {
  Kept f;
  const std::string message = f.received(f.new_session(f.key), "of a message");
  const std::string id = f.upload("uploaded").body["id"];
  f.upload("shared");
  f.received(f.new_session(f.key), "shared");
  for (const char* content : {"of a message", "uploaded", "shared"}) f.make_old(content);
  f.retention.start();
  f.loop.advance(hours(23));
  CHECK(count_files(f.dir.file("media")) == 3);
  f.loop.advance(hours(2));
  CHECK(f.get("/v1/messages/" + message + "/media").code() == "MEDIA_EXPIRED");
  CHECK_FALSE(f.media.has(hash_of("of a message")));
  CHECK(f.media.has(hash_of("shared")));
  CHECK(f.get("/v1/media/" + id).status == 200);
  f.loop.advance(hours(24 * 14));
  CHECK(f.get("/v1/media/" + id).code() == "MEDIA_NOT_FOUND");
  CHECK(count_files(f.dir.file("media")) == 0);
  f.retention.stop();
}

}  // namespace
}  // namespace konekwa
