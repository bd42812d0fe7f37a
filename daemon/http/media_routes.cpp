// /v1/media, and the files of messages.
#include "daemon/http/api.h"
#include "daemon/http/byte_range.h"
#include "daemon/http/disposition.h"

namespace konekwa::http {
namespace {

constexpr std::size_t kPieceBytes = 128 * 1024;

class UploadSink final : public BodySink {
 public:
  UploadSink(std::shared_ptr<MediaUpload> upload, std::uint64_t bytes_max)
      : upload_(std::move(upload)), bytes_max_(bytes_max) {}

  std::uint64_t bytes_max() const override { return bytes_max_; }
  void write(std::string piece, Done done) override { upload_->write(std::move(piece), std::move(done)); }
  void finish(Respond respond) override {
    upload_->finish([respond = std::move(respond)](Result<Reply> reply) { respond(to_response(std::move(reply))); });
  }

 private:
  const std::shared_ptr<MediaUpload> upload_;
  const std::uint64_t bytes_max_;
};

class FileSource final : public BodySource {
 public:
  FileSource(std::shared_ptr<MediaReader> reader, ByteRange range)
      : reader_(std::move(reader)), at_(range.begin), end_(range.end) {}

  void next(Deliver deliver) override {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, end_ - at_));
    const std::uint64_t from = std::exchange(at_, at_ + size);
    reader_->read(from, size, [size, deliver = std::move(deliver)](std::string piece) {
      // Less than was there when it was opened: the disk fails. The client learns it by the missing rest.
      if (piece.size() != size) piece.clear();
      deliver(std::move(piece));
    });
  }

 private:
  const std::shared_ptr<MediaReader> reader_;
  std::uint64_t at_;
  const std::uint64_t end_;
};

std::string header_of(const Request& request, std::string_view name) {
  const std::string* value = request.header.find(name);
  return value == nullptr ? std::string() : *value;
}

// What curl and others send when nobody told them what the file is.
bool says_nothing(std::string_view content_type) {
  return content_type == "application/octet-stream" || content_type == "application/x-www-form-urlencoded";
}

Result<std::shared_ptr<BodySink>> open_upload(Gateway& gateway, const Request& request, const Caller& caller) {
  std::string mimetype = header_of(request, "content-type");
  if (mimetype.starts_with("multipart/")) {
    return fail(Error(ErrorCode::UNSUPPORTED_MEDIA_TYPE, "the body must be the file itself, not a form",
                      "curl --data-binary @FILE -H 'Content-Type: image/jpeg'"));
  }
  if (says_nothing(mimetype)) mimetype.clear();
  std::string filename = find_parameter(request.target.query, "filename").value_or("");
  if (filename.empty()) filename = filename_of(header_of(request, "content-disposition"));
  auto upload = gateway.begin_upload(caller, mimetype, filename);
  if (!upload) return fail(upload.error());
  return std::make_shared<UploadSink>(std::move(*upload), gateway.media_bytes_max());
}

bool is_same_etag(std::string_view value, std::string_view etag) {
  return value == "*" || value.find(etag) != std::string_view::npos;
}

RangeAnswer range_of(const Request& request, std::string_view etag, std::uint64_t size) {
  const std::string range = header_of(request, "range"), if_range = header_of(request, "if-range");
  if (range.empty() || (!if_range.empty() && if_range != etag)) return {};
  return read_range(range, size);
}

// A stranger made the file: a browser must neither guess what it is nor run it.
Response file_response(const Request& request, MediaView view) {
  const std::string etag = "\"" + view.sha256 + "\"";
  Response response;
  response.headers = {{"ETag", etag},
                      {"Accept-Ranges", "bytes"},
                      {"Cache-Control", "private"},
                      {"Content-Disposition", attachment(view.filename)},
                      {"X-Content-Type-Options", "nosniff"}};
  response.content_type = view.mimetype.empty() ? "application/octet-stream" : view.mimetype;
  if (is_same_etag(header_of(request, "if-none-match"), etag)) {
    response.status = 304;
    return response;
  }
  const RangeAnswer wanted = range_of(request, etag, view.size);
  if (wanted.is_unsatisfiable) {
    const Error error(ErrorCode::INVALID_REQUEST, "the range is behind the end of the file", "");
    Response refusal = to_response(error, 416);
    refusal.headers.emplace_back("Content-Range", fmt::format("bytes */{}", view.size));
    return refusal;
  }
  const ByteRange range = wanted.range.value_or(ByteRange{0, view.size});
  if (wanted.range) {
    response.status = 206;
    response.headers.emplace_back("Content-Range",
                                  fmt::format("bytes {}-{}/{}", range.begin, range.end - 1, view.size));
  }
  response.length = range.end - range.begin;
  response.source = std::make_shared<FileSource>(std::move(view.reader), range);
  return response;
}

void show_media(Gateway& gateway, const Call& call) {
  auto view = gateway.message_media(call.caller, call.params[0]);
  if (view) return call.respond(file_response(call.request, std::move(*view)));
  Response refusal = to_response(view.error());
  if (view.error().code == ErrorCode::MEDIA_NOT_READY) refusal.headers.emplace_back("Retry-After", "5");
  call.respond(std::move(refusal));
}

}  // namespace

Routes media_routes(Gateway& gateway) {
  const OpenSink upload = [&gateway](const Request& request, const Caller& caller) {
    return open_upload(gateway, request, caller);
  };
  return {
      {"POST", "/v1/media", "messages:send", nullptr, upload},
      {"GET", "/v1/media/:id", "messages:read",
       [&gateway](Call call) { call.respond(to_response(gateway.show_upload(call.caller, call.params[0]))); }},
      {"DELETE", "/v1/media/:id", "messages:send",
       [&gateway](Call call) { gateway.delete_upload(call.caller, call.params[0], answer_to(call)); }},
      {"GET", "/v1/messages/:id/media", "messages:read", [&gateway](Call call) { show_media(gateway, call); }},
  };
}

}  // namespace konekwa::http
