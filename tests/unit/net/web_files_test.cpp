#include "daemon/net/web_client.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/loopback_server.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/net/blocking_client.h"

namespace konekwa::net {
namespace {

using test::LoopbackServer;
using Client = test::BlockingClient;

std::string ok(const std::string&) { return LoopbackServer::response(200, "fine"); }

std::string redirect_to(int status, const std::string& url) {
  return LoopbackServer::response(status, "elsewhere", "Location: " + url + "\r\n");
}

// Octets of which no part looks like another.
std::string many(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 31 + i / 257) % 256);
  return out;
}

struct Files {
  test::TempDir folder;
  std::string path = folder.file("file");
  Client client;

  void write(const std::string& octets) const { std::ofstream(path, std::ios::binary) << octets; }
  std::string read() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool is_there() const { return std::filesystem::exists(path); }

  WebRequest download(const std::string& url, std::uint64_t bytes_max = 10'000'000) const {
    WebRequest request;
    request.method = "GET";
    request.url = url;
    request.download_path = path;
    request.download_bytes_max = bytes_max;
    return request;
  }
  WebRequest upload(const std::string& url) const {
    WebRequest request;
    request.url = url;
    request.upload_path = path;
    return request;
  }
  // No file may be left of it.
  Error failure(WebRequest request) {
    const auto answer = client.fetch(std::move(request));
    REQUIRE_FALSE(answer);
    CHECK_FALSE(is_there());
    return answer.error();
  }
};

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

TEST_CASE("a download becomes a file of its own, and nothing of it is in the body") {
  const std::string content = many(3'000'000);
  LoopbackServer server([&](const std::string&) {
    return LoopbackServer::response(200, content, "Content-Type: image/jpeg\r\n");
  });
  Files files;
  const auto answer = files.client.fetch(files.download(server.url("/a?b=1"), content.size()));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body.empty());
  CHECK(answer->downloaded == content.size());
  CHECK(answer->content_type == "image/jpeg");
  CHECK(answer->final_url == server.url("/a?b=1"));
  CHECK(files.read() == content);
  struct stat info {};
  REQUIRE(::stat(files.path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a download of nothing is an empty file") {
  LoopbackServer server([](const std::string&) { return LoopbackServer::response(200); });
  Files files;
  const auto answer = files.client.fetch(files.download(server.url()));
  REQUIRE(answer);
  CHECK(answer->downloaded == 0);
  CHECK(answer->content_type.empty());
  CHECK(files.is_there());
}

TEST_CASE("a download larger than allowed leaves no file, announced or not") {
  const std::string content = many(200'001);
  LoopbackServer announced([&](const std::string&) { return LoopbackServer::response(200, content); });
  LoopbackServer unannounced([&](const std::string&) { return "HTTP/1.1 200 OK\r\n\r\n" + content; });
  Files files;
  for (const LoopbackServer* server : {&announced, &unannounced}) {
    const Error error = files.failure(files.download(server->url(), content.size() - 1));
    CHECK(error.code == ErrorCode::PAYLOAD_TOO_LARGE);
    CHECK(error.details == "larger than 200000 bytes");
  }
  REQUIRE(files.client.fetch(files.download(unannounced.url(), content.size())));
  CHECK(files.read() == content);
}

TEST_CASE("a download that is cut leaves no file") {
  const std::string part = many(100'000);
  LoopbackServer counted([&](const std::string&) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n" + part;
  });
  LoopbackServer chunked([&](const std::string&) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a1\r\n" + part;
  });
  LoopbackServer silent([](const std::string&) { return LoopbackServer::kSilence; });
  Files files;
  CHECK(files.failure(files.download(counted.url())).code == ErrorCode::NETWORK);
  CHECK(files.failure(files.download(chunked.url())).code == ErrorCode::NETWORK);
  WebRequest impatient = files.download(silent.url());
  impatient.timeout = milliseconds(100);
  CHECK(files.failure(impatient).code == ErrorCode::TIMEOUT);
}

TEST_CASE("an answer without success leaves no file, and its body is told") {
  LoopbackServer server([](const std::string&) { return LoopbackServer::response(404, "no such file"); });
  Files files;
  const auto answer = files.client.fetch(files.download(server.url(), 3));
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->body == "no such file");
  CHECK(answer->downloaded == 0);
  CHECK_FALSE(files.is_there());
}

TEST_CASE("a download does not write over a file") {
  LoopbackServer server(ok);
  Files files;
  files.write("mine");
  const auto answer = files.client.fetch(files.download(server.url()));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(files.read() == "mine");
}

TEST_CASE("a download follows redirects, each hop judged anew") {
  LoopbackServer target(ok);
  std::string location = target.url("/there");
  LoopbackServer server([&](const std::string&) { return redirect_to(302, location); });
  Files files;
  WebRequest request = files.download(server.url());
  const auto unfollowed = files.client.fetch(request);
  REQUIRE(unfollowed);
  CHECK(unfollowed->body == "elsewhere");
  CHECK_FALSE(files.is_there());

  request.follow_redirects = true;
  const auto answer = files.client.fetch(request);
  REQUIRE(answer);
  CHECK(answer->final_url == target.url("/there"));
  CHECK(files.read() == "fine");
  std::filesystem::remove(files.path);

  location = "https://[::1]:" + std::to_string(target.port()) + "/";
  CHECK(files.failure(request).details.find("public internet") != std::string::npos);
  location = "http://localhost:" + std::to_string(target.port()) + "/";
  CHECK(files.failure(request).details == "redirected away from https");
  CHECK(target.requests().size() == 1);
}

TEST_CASE("the end of the client leaves no file of what is under way") {
  LoopbackServer server([](const std::string&) { return LoopbackServer::kSilence; });
  Files files;
  files.client.web->fetch(files.download(server.url()), [](const Result<WebResponse>&) {});
  files.client.web.reset();
  CHECK_FALSE(files.is_there());
}

TEST_CASE("an upload is the file, with its length and no chunks") {
  LoopbackServer server(ok);
  Files files;
  const std::string content = many(3'000'000);
  files.write(content);
  WebRequest request = files.upload(server.url("/mms/image/x"));
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = "not this";
  for (int i = 0; i < 2; ++i) {
    const auto answer = files.client.fetch(request);
    INFO((answer ? "" : answer.error().text()));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "fine");
  }
  REQUIRE(server.requests().size() == 2);
  const std::string sent = server.requests()[1];
  CHECK(sent.substr(0, 31) == "POST /mms/image/x HTTP/1.1\r\nHos");
  CHECK(sent.find("Content-Length: 3000000\r\n") != std::string::npos);
  CHECK(sent.find("Transfer-Encoding") == std::string::npos);
  CHECK(sent.find("Expect") == std::string::npos);
  CHECK(body_of(sent) == content);
}

TEST_CASE("an empty file is an empty upload, and a PUT is one as well") {
  LoopbackServer server(ok);
  Files files;
  files.write("");
  REQUIRE(files.client.fetch(files.upload(server.url())));
  files.write("text");
  WebRequest request = files.upload(server.url("/put"));
  request.method = "PUT";
  REQUIRE(files.client.fetch(request));
  CHECK(server.requests()[0].find("Content-Length: 0\r\n") != std::string::npos);
  CHECK(server.requests()[1].substr(0, 9) == "PUT /put ");
  CHECK(body_of(server.requests()[1]) == "text");
}

TEST_CASE("an upload goes again after a redirect that keeps the method, and not after one that turns to GET") {
  LoopbackServer target(ok);
  int status = 307;
  LoopbackServer server([&](const std::string&) { return redirect_to(status, target.url()); });
  Files files;
  files.write("text");
  WebRequest request = files.upload(server.url());
  request.follow_redirects = true;
  REQUIRE(files.client.fetch(request));
  status = 303;
  REQUIRE(files.client.fetch(request));
  REQUIRE(target.requests().size() == 2);
  CHECK(target.requests()[0].substr(0, 5) == "POST ");
  CHECK(body_of(target.requests()[0]) == "text");
  CHECK(target.requests()[1].substr(0, 4) == "GET ");
  CHECK(body_of(target.requests()[1]).empty());
}

TEST_CASE("an upload of no file does not go") {
  LoopbackServer server(ok);
  Files files;
  CHECK(files.failure(files.upload(server.url())).code == ErrorCode::STORAGE_UNAVAILABLE);
  WebRequest folder = files.upload(server.url());
  folder.upload_path = files.folder.path();
  CHECK(files.failure(folder).code == ErrorCode::STORAGE_UNAVAILABLE);
  CHECK(server.requests().empty());
}

}  // namespace
}  // namespace konekwa::net
