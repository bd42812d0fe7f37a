#include "daemon/sandbox/media_server.h"

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "daemon/sandbox/site.h"
#include "tests/unit/sandbox/town.h"

namespace konekwa::test {
namespace {

Bytes sha256(const std::string& text) {
  Bytes hash(32);
  EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  return hash;
}

std::string content_of(const sandbox::MediaStore::File* file) {
  REQUIRE(file);
  std::ifstream in(file->path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Cdn {
  ManualLoop loop;
  SeededRandom random{1};
  sandbox::Faults faults;
  sandbox::MediaServer server{loop, random, faults, "http://cdn:1"};

  sandbox::MediaAnswer upload(const std::string& target, const std::string& body) {
    sandbox::IncomingFile file(*server.store().new_path());
    file.write(as_bytes(body));
    return server.upload(target, file);
  }
  std::string target_for(const std::string& body, const std::string& auth) {
    const std::string token = to_base64url(sha256(body));
    return "/mms/image/" + token + "?auth=" + auth + "&token=" + token;
  }
  std::string direct_path_of(const std::string& body) {
    const sandbox::MediaAnswer answer = upload(target_for(body, server.new_auth()), body);
    REQUIRE(answer.status == 200);
    return parse_json(answer.body)->at("direct_path").get<std::string>();
  }
};

std::size_t files_in_folder_of(sandbox::MediaStore& store) {
  const std::filesystem::path folder = std::filesystem::path(*store.new_path()).parent_path();
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("an upload is stored, and found by its direct path", "[sandbox][media]") {
  Cdn cdn;
  const sandbox::MediaAnswer answer = cdn.upload(cdn.target_for("secret", cdn.server.new_auth()), "secret");
  REQUIRE(answer.status == 200);
  const Json json = *parse_json(answer.body);
  const std::string path = json.at("direct_path").get<std::string>();
  CHECK(path.starts_with("/v/t62.7118-24/"));
  CHECK(path.find("?ccb=11-4&oh=") != std::string::npos);
  CHECK(json.at("url") == "http://cdn:1" + path);
  CHECK(content_of(cdn.server.download(path).file) == "secret");
  const std::string token = to_base64url(sha256("secret"));
  CHECK(cdn.server.download(path + "&hash=" + token + "&mms-type=image&__wa-mms=").status == 200);
  CHECK(cdn.server.download(path + "&hash=" + token + "%3D&mms-type=image").status == 200);
  CHECK(cdn.server.download(sandbox::path_of_target(path) + "?auth=x&token=y").status == 200);
  CHECK(cdn.server.download(path + "&hash=" + to_base64url(sha256("other"))).status == 404);
  CHECK(cdn.server.download("/v/t62.7118-24/nothing").status == 404);
}

TEST_CASE("an upload needs an auth that is valid and the hash of its body", "[sandbox][media]") {
  Cdn cdn;
  const std::string auth = cdn.server.new_auth();
  CHECK(cdn.upload(cdn.target_for("secret", "wrong"), "secret").status == 401);
  CHECK(cdn.upload(cdn.target_for("secret", ""), "secret").status == 401);
  CHECK(cdn.upload(cdn.target_for("secret", auth), "another").status == 415);
  CHECK(cdn.upload("/mms/image?auth=" + auth, "secret").status == 404);
  CHECK(cdn.upload(cdn.target_for("secret", auth) + "&resume=1", "").status == 404);
  const std::string token = to_base64url(sha256("secret"));
  CHECK(cdn.upload("/mms/image/" + token + "%3D?auth=" + auth + "&token=" + token + "=", "secret").status == 200);
  CHECK(cdn.upload("/mms/image/" + token + "?auth=" + auth, "secret").status == 415);
  cdn.loop.advance(sandbox::kMediaAuthLifetime);
  CHECK(cdn.upload(cdn.target_for("secret", auth), "secret").status == 401);
  CHECK(files_in_folder_of(cdn.server.store()) == 1);
}

TEST_CASE("faults of the CDN: uploads that fail or are refused, and files that expire", "[sandbox][media]") {
  Cdn cdn;
  cdn.faults.fail_uploads = 1;
  cdn.faults.refuse_uploads = 1;
  const std::string target = cdn.target_for("secret", cdn.server.new_auth());
  CHECK(cdn.upload(target, "secret").status == 401);
  CHECK(cdn.upload(target, "secret").status == 500);
  CHECK(cdn.upload(target, "secret").status == 200);

  const std::string one = cdn.direct_path_of("one");
  const std::string two = cdn.direct_path_of("two");
  CHECK(cdn.server.expire(one) == 1);
  CHECK(cdn.server.download(one).status == 410);
  CHECK(cdn.server.download(two).status == 200);
  CHECK(cdn.server.expire("") == 2);
  CHECK(cdn.server.download(two).status == 410);
  // The same file again gets an address of its own.
  CHECK(cdn.server.download(cdn.direct_path_of("one")).status == 200);
  CHECK(cdn.server.download(one).status == 410);
}

TEST_CASE("the oldest files make room, and all go with the store", "[sandbox][media]") {
  std::string folder;
  {
    sandbox::MediaStore store(100);
    const auto put = [&](const std::string& key, std::size_t size) {
      sandbox::IncomingFile file(*store.new_path());
      file.write(Bytes(size, 'x'));
      store.put(key, file.release().path);
    };
    put("a", 40);
    put("b", 40);
    folder = std::filesystem::path(store.find("a")->path).parent_path();
    put("c", 40);
    CHECK(store.find("a") == nullptr);
    CHECK(store.find("b"));
    put("c", 60);
    CHECK(store.find("b"));
    CHECK(store.find("c")->size == 60);
    put("d", 101);
    CHECK(store.find("d") == nullptr);
    CHECK(store.keys_with("") == std::vector<std::string>{"b", "c"});
    CHECK(files_in_folder_of(store) == 2);
    { sandbox::IncomingFile broken_off(*store.new_path()); }
    CHECK(files_in_folder_of(store) == 2);
  }
  CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("a Range header names a part of a file", "[sandbox][media]") {
  const auto range = [](const std::string& header) {
    const auto part = sandbox::parse_range(header, 100);
    return part ? std::to_string(part->from) + "+" + std::to_string(part->length) : "whole";
  };
  CHECK(range("") == "whole");
  CHECK(range("bytes=0-") == "0+100");
  CHECK(range("bytes=10-19") == "10+10");
  CHECK(range("bytes=90-500") == "90+10");
  CHECK(range("bytes=-5") == "95+5");
  CHECK(range("bytes=-500") == "0+100");
  CHECK(range("bytes=100-") == "0+0");
  CHECK(range("bytes=20-10") == "whole");
  CHECK(range("bytes=x-1") == "whole");
  CHECK(range("items=0-1") == "whole");
}

TEST_CASE("media_conn names the sandbox and an auth that the CDN takes", "[sandbox][media]") {
  sandbox::Options options;
  options.media_host = "127.0.0.1:8090";
  Town town(options);
  Device device(town);
  device.link();
  device.come_up();
  wa::Node iq("iq", {{"type", "set"}, {"xmlns", "w:m"}, {"to", wa::Jid::of_server()}, {"id", "m1"}});
  iq.add(wa::Node("media_conn"));
  const wa::Node answer = device.ask(iq);
  const wa::Node* conn = answer.child("media_conn");
  REQUIRE(conn);
  CHECK(conn->attr("ttl") == "3600");
  REQUIRE(conn->child("host"));
  CHECK(conn->child("host")->attr("hostname") == "127.0.0.1:8090");
  sandbox::IncomingFile file(*town.sandbox->media().store().new_path());
  file.write(as_bytes("secret"));
  const std::string token = to_base64url(sha256("secret"));
  const std::string target = "/mms/document/" + token + "?auth=" + conn->attr("auth") + "&token=" + token;
  CHECK(town.sandbox->media().upload(target, file).status == 200);
}

}  // namespace konekwa::test
