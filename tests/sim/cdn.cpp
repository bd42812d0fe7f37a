#include "tests/sim/cdn.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace konekwa::sim {
namespace {

std::string path_of(const std::string& url) {
  const std::size_t host = url.find("//") + 2;
  const std::size_t begin = url.find('/', host);
  return url.substr(begin, url.find_first_of("?&", begin) - begin);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

net::WebResponse status(int code, std::string body = "") {
  net::WebResponse response;
  response.status = code;
  response.body = std::move(body);
  return response;
}

}  // namespace

net::WebResponse file_answer(const net::WebRequest& request, const std::string& content) {
  net::WebResponse response = status(200);
  if (request.download_path.empty()) {
    response.body = content;
    return response;
  }
  std::ofstream(request.download_path, std::ios::binary) << content;
  response.downloaded = content.size();
  return response;
}

void SimCdnClient::fetch(net::WebRequest request, Done done) {
  const auto delay = Duration(static_cast<std::int64_t>(1 + random_.below(200)));
  const std::uint64_t number = ++count_;
  under_way_[number] = loop_.after(delay, [this, number, request = std::move(request), done = std::move(done)] {
    const Timer finished = std::move(under_way_[number]);
    under_way_.erase(number);
    arrive(request, done);
  });
}

void SimCdnClient::arrive(const net::WebRequest& request, const Done& done) {
  const std::string path = path_of(request.url);
  if (random_.unit() < cdn_.failure_rate) {
    return random_.unit() < 0.5 ? done(status(503)) : done(fail(ErrorCode::TIMEOUT, "the exchange was lost"));
  }
  if (request.method == "GET") {
    const auto file = cdn_.files.find(path);
    return file == cdn_.files.end() ? done(status(404)) : done(file_answer(request, file->second));
  }
  ++cdn_.uploads;
  const std::string name = "/v" + path.substr(path.rfind('/'));
  cdn_.files[name] = read_file(request.upload_path);
  done(status(200, fmt::format(R"({{"url":"https://cdn{0}","direct_path":"{0}"}})", name)));
}

}  // namespace konekwa::sim
