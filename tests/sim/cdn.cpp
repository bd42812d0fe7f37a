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

}  // namespace

net::WebResponse file_answer(const net::WebRequest& request, const std::string& content) {
  net::WebResponse response = answer_with(200);
  if (request.download_path.empty()) {
    response.body = content;
    return response;
  }
  std::ofstream(request.download_path, std::ios::binary) << content;
  response.downloaded = content.size();
  return response;
}

void CdnClient::arrive(const net::WebRequest& request, const Done& done) {
  const std::string path = path_of(request.url);
  if (random().unit() < cdn_.failure_rate) {
    return random().unit() < 0.5 ? done(answer_with(503)) : done(fail(ErrorCode::TIMEOUT, "the exchange was lost"));
  }
  if (request.method == "GET") {
    const auto file = cdn_.files.find(path);
    return file == cdn_.files.end() ? done(answer_with(404)) : done(file_answer(request, file->second));
  }
  ++cdn_.uploads;
  const std::string name = "/v" + path.substr(path.rfind('/'));
  cdn_.files[name] = read_file(request.upload_path);
  done(answer_with(200, fmt::format(R"({{"url":"https://cdn{0}","direct_path":"{0}"}})", name)));
}

}  // namespace konekwa::sim
