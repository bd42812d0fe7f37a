#include "tests/sim/cdn.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace konekwa::sim {
namespace {

std::string target_of(const std::string& url) { return url.substr(url.find('/', url.find("//") + 2)); }

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string spoiled(std::string content, CdnFault fault) {
  if (fault == CdnFault::Flipped && !content.empty()) content[content.size() / 2] ^= 1;
  if (fault == CdnFault::Short) content.resize(content.size() / 2);
  if (fault == CdnFault::Longer) content += std::string(16, 'x');
  if (fault == CdnFault::Empty) content.clear();
  return content;
}

}  // namespace

// As the real client: a file over its limit is no file, and there is one only after a 2xx.
Result<net::WebResponse> file_answer(const net::WebRequest& request, const std::string& content) {
  net::WebResponse response = answer_with(200);
  if (request.download_path.empty()) {
    response.body = content.substr(0, request.response_bytes_max);
    return response;
  }
  if (content.size() > request.download_bytes_max) {
    return fail(ErrorCode::PAYLOAD_TOO_LARGE, fmt::format("larger than {} bytes", request.download_bytes_max));
  }
  std::ofstream(request.download_path, std::ios::binary) << content;
  response.downloaded = content.size();
  return response;
}

void CdnClient::arrive(const net::WebRequest& request, const Done& done) {
  if (request.method == "GET" && cdn_.hangs > 0) {
    --cdn_.hangs;
    return;
  }
  CdnFault fault = CdnFault::None;
  if (!cdn_.faults.empty() && random_.unit() < cdn_.failure_rate) {
    fault = cdn_.faults[random_.below(cdn_.faults.size())];
    cdn_.has_failed = true;
  }
  switch (fault) {
    case CdnFault::Refused: return done(answer_with(500 + static_cast<int>(random_.below(5))));
    case CdnFault::Lost: return done(fail(ErrorCode::NETWORK, "the exchange was lost"));
    case CdnFault::Drip: return drip(request, done);
    default: break;
  }
  request.method == "GET" ? download(request, fault, done) : upload(request, fault, done);
}

// An answer that comes so slowly that the client's patience ends: its timeout, or 20 s without a KiB.
void CdnClient::drip(const net::WebRequest& request, const Done& done) {
  std::erase_if(dripping_, [](const Timer& timer) { return !timer.is_pending(); });
  dripping_.push_back(loop_.after(std::min<Duration>(request.timeout, seconds(20)), [done] {
    done(fail(ErrorCode::TIMEOUT, "the answer came too slowly"));
  }));
}

void CdnClient::download(const net::WebRequest& request, CdnFault fault, const Done& done) {
  ++cdn_.downloads;
  if (fault == CdnFault::Absent) return done(answer_with(404));
  if (fault == CdnFault::Gone) return done(answer_with(410));
  if (fault == CdnFault::Redirected) return done(answer_with(302));
  if (fault == CdnFault::Endless) {
    return done(fail(ErrorCode::PAYLOAD_TOO_LARGE, fmt::format("larger than {} bytes", request.download_bytes_max)));
  }
  const sandbox::MediaAnswer answer = server_.download(target_of(request.url));
  if (answer.file == nullptr) return done(answer_with(answer.status));
  done(file_answer(request, spoiled(read_file(answer.file->path), fault)));
}

void CdnClient::upload(const net::WebRequest& request, CdnFault fault, const Done& done) {
  if (fault != CdnFault::None) return done(answer_with(503));
  ++cdn_.uploads;
  const auto path = server_.store().new_path();
  KONEKWA_ASSERT(path);
  sandbox::IncomingFile file(*path);
  file.write(as_bytes(read_file(request.upload_path)));
  const sandbox::MediaAnswer answer = server_.upload(target_of(request.url), file);
  done(answer_with(answer.status, answer.body));
}

}  // namespace konekwa::sim
