#include "daemon/wa/media.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

namespace {

Node host(const std::string& name, std::initializer_list<const char*> uses = {}) {
  Node node("host", {{"hostname", name}, {"type", std::string("primary")}});
  for (const char* use : uses) node.add(Node(use));
  return node;
}

Node media_conn(std::initializer_list<Node> hosts) {
  Node connection("media_conn");
  connection.set("auth", "AUTH==").set("ttl", "300").set("auth_ttl", "21600").set("max_buckets", "12");
  for (const Node& node : hosts) connection.add(node);
  return connection;
}

Node answer_with(Node child) {
  Node iq("iq", {{"from", Jid::of_server()}, {"type", std::string("result")}, {"id", std::string("1")}});
  iq.add(std::move(child));
  return iq;
}

MediaFile file_at(const std::string& direct_path) {
  MediaFile file;
  file.kind = MediaKind::Video;
  file.direct_path = direct_path;
  file.enc_sha256 = Bytes(32, 0xfb);
  return file;
}

}  // namespace

TEST_CASE("media connections are asked of the server in xmlns w:m", "[media]") {
  CHECK(to_string(media_conn_iq("7")) ==
        R"(<iq id="7" to="s.whatsapp.net" type="set" xmlns="w:m"><media_conn/></iq>)");
}

TEST_CASE("a media connection names hosts in their order, with what they are for", "[media]") {
  const auto connection = parse_media_conn(answer_with(media_conn(
      {host("media-sin6-1.cdn.whatsapp.net"), host("mmg.whatsapp.net", {"download", "upload"}),
       host("mmg-fallback.whatsapp.net", {"download"}), host("127.0.0.1:8443", {"upload", "download_buckets"}),
       host("[::1]:8443", {"download_buckets"})})));
  REQUIRE(connection);
  CHECK(connection->auth == "AUTH==");
  CHECK(connection->ttl == seconds(300));
  CHECK(connection->auth_ttl == seconds(21600));
  const auto& hosts = connection->hosts;
  REQUIRE(hosts.size() == 5);
  CHECK(hosts[0].hostname == "media-sin6-1.cdn.whatsapp.net");
  CHECK(hosts[3].hostname == "127.0.0.1:8443");
  CHECK((hosts[0].can_download && hosts[0].can_upload));
  CHECK((hosts[1].can_download && hosts[1].can_upload));
  CHECK((hosts[2].can_download && !hosts[2].can_upload));
  CHECK((!hosts[3].can_download && hosts[3].can_upload));
  CHECK((hosts[4].can_download && hosts[4].can_upload));
}

TEST_CASE("hosts that are none are left out", "[media]") {
  const auto connection = parse_media_conn(answer_with(media_conn(
      {host("a/b"), host("a@b"), host("a b"), host(""), host("a?b"), host("a\r\nb"), host(std::string(300, 'a')),
       Node("host"), host("mmg.whatsapp.net")})));
  REQUIRE(connection);
  REQUIRE(connection->hosts.size() == 1);
  CHECK(connection->hosts[0].hostname == "mmg.whatsapp.net");
}

TEST_CASE("a media connection that lacks something is refused", "[media]") {
  const auto code_of = [](const Node& answer) { return parse_media_conn(answer).error().code; };
  CHECK(code_of(Node("iq")) == ErrorCode::PROTOCOL);
  CHECK(code_of(answer_with(media_conn({}))) == ErrorCode::PROTOCOL);
  CHECK(code_of(answer_with(media_conn({host("a/b")}))) == ErrorCode::PROTOCOL);
  for (const char* name : {"auth", "ttl"}) {
    Node connection = media_conn({host("mmg.whatsapp.net")});
    connection.erase(name);
    CHECK(code_of(answer_with(connection)) == ErrorCode::PROTOCOL);
  }
  Node negative = media_conn({host("mmg.whatsapp.net")});
  negative.set("ttl", "-1");
  CHECK(code_of(answer_with(negative)) == ErrorCode::PROTOCOL);

  Node error("iq", {{"type", std::string("error")}});
  error.add(Node("error", {{"code", std::string("429")}, {"text", std::string("rate-overlimit")}}));
  CHECK(code_of(error) == ErrorCode::SERVER_REJECTED);
  CHECK(parse_media_conn(error).error().details == "error 429 rate-overlimit");
}

TEST_CASE("a media connection lasts a week at most, and its auth as long when it does not say", "[media]") {
  Node endless = media_conn({host("mmg.whatsapp.net")});
  endless.set("ttl", "9223372036854775807").erase("auth_ttl");
  const auto connection = parse_media_conn(answer_with(endless));
  REQUIRE(connection);
  CHECK(connection->ttl == hours(7 * 24));
  CHECK(connection->auth_ttl == connection->ttl);
}

TEST_CASE("uploads go to the path of their kind, under the hash of the file", "[media]") {
  const Bytes hash(32, 0xfb);
  const std::string token = "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s";
  CHECK(upload_url("https://mmg.whatsapp.net", MediaKind::Image, hash, "A+/=~b") ==
        "https://mmg.whatsapp.net/mms/image/" + token + "?auth=A%2B%2F%3D~b&token=" + token);
  const auto path = [&](MediaKind kind) { return upload_url("", kind, hash, "").substr(0, 13); };
  CHECK(path(MediaKind::Sticker) == "/mms/image/-_");
  CHECK(path(MediaKind::Video) == "/mms/video/-_");
  CHECK(path(MediaKind::Audio) == "/mms/audio/-_");
  CHECK(path(MediaKind::Document) == "/mms/document");
}

TEST_CASE("downloads ask for the direct path at a host", "[media]") {
  const std::string hash = "hash=-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s=";
  CHECK(download_url("https://mmg.whatsapp.net", file_at("/v/t62/1_n.enc?ccb=11-4&oh=x")) ==
        "https://mmg.whatsapp.net/v/t62/1_n.enc?ccb=11-4&oh=x&" + hash + "&mms-type=video&__wa-mms=");
  MediaFile sticker = file_at("/m1/v/abc");
  sticker.kind = MediaKind::Sticker;
  CHECK(download_url("http://127.0.0.1:80", sticker) ==
        "http://127.0.0.1:80/m1/v/abc?" + hash + "&mms-type=image&__wa-mms=");
  sticker.enc_sha256.clear();
  CHECK(download_url("http://127.0.0.1:80", sticker) == "http://127.0.0.1:80/m1/v/abc?mms-type=image&__wa-mms=");
}

TEST_CASE("a direct path that leads away from the host is not followed", "[media]") {
  for (const std::string path :
       {"", "/", "v/t62", "//evil.example/x", "/\\evil.example/x", "https://evil.example/x", "@evil.example/",
        ".evil.example/x", ":81/x", "/v/a b", "/v/a\r\nHost: x", "/v/a\tb", "/v/\xc3\xa9", "/v/a#b", "/v\\a"}) {
    INFO(path);
    CHECK_FALSE(is_direct_path(path));
    CHECK(download_url("https://mmg.whatsapp.net", file_at(path)).empty());
  }
  CHECK_FALSE(is_direct_path(std::string_view("/v/a\0b", 6)));
  CHECK_FALSE(is_direct_path("/" + std::string(4096, 'a')));
  CHECK(is_direct_path("/v/t62.7118-24/a:b//c@d_n.enc?ccb=11-4&oh=01_Q5&oe=6A&_nc_sid=5e03e0"));
}

TEST_CASE("the answer to an upload says where the file is", "[media]") {
  const auto uploaded = parse_upload_answer(
      R"({"url":"https://mmg.whatsapp.net/v/1?ccb=1","direct_path":"/v/1?ccb=1","handle":"h","object_id":7})");
  REQUIRE(uploaded);
  CHECK(uploaded->url == "https://mmg.whatsapp.net/v/1?ccb=1");
  CHECK(uploaded->direct_path == "/v/1?ccb=1");
}

TEST_CASE("an answer to an upload that does not say where is refused", "[media]") {
  for (const char* json :
       {"", "null", "[]", "{", R"({"url":"https://a/"})", R"({"direct_path":"/v"})",
        R"({"url":"","direct_path":"/v"})", R"({"url":7,"direct_path":"/v"})",
        R"({"url":"https://a/","direct_path":"//b/v"})", R"({"url":"https://a/","direct_path":["/v"]})",
        R"({"url":"file:///etc/passwd","direct_path":"/v"})", R"({"url":"https://a/ b","direct_path":"/v"})"}) {
    INFO(json);
    const auto uploaded = parse_upload_answer(json);
    REQUIRE_FALSE(uploaded);
    CHECK(uploaded.error().code == ErrorCode::PROTOCOL);
  }
}
