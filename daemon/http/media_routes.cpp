// /v1/media, and the files of messages.
#include "daemon/http/api.h"
#include "daemon/http/byte_range.h"
#include "daemon/http/disposition.h"
#include "daemon/http/multipart.h"

#include <algorithm>
#include <atomic>

namespace konekwa::http {
namespace {

constexpr std::size_t kPieceBytes = 128 * 1024;
constexpr std::uint64_t kFormBytesMax = 64 * 1024;   // of a form beside its file

// What curl and others send when nobody told them what the file is.
bool says_nothing(std::string_view content_type) {
  return content_type == "application/octet-stream" || content_type == "application/x-www-form-urlencoded";
}

bool is_form(std::string_view content_type) {
  constexpr std::string_view kForm = "multipart/form-data";
  const auto is_same = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); };
  return content_type.size() >= kForm.size() && std::equal(kForm.begin(), kForm.end(), content_type.begin(), is_same);
}

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

// A form with the file in its part "file", as HTTP libraries send files. Other parts are passed over.
class FormSink final : public BodySink {
 public:
  FormSink(Gateway& gateway, Caller caller, std::string boundary, std::string filename)
      : gateway_(gateway), caller_(std::move(caller)), filename_(std::move(filename)), form_(std::move(boundary)) {}

  std::uint64_t bytes_max() const override { return gateway_.media_bytes_max() + kFormBytesMax; }
  void write(std::string piece, Done done) override;
  void finish(Respond respond) override;

 private:
  Result<std::string> take(std::string_view piece);        // what of it belongs to the file
  Result<> begin_file(const Multipart::Part& part);

  Gateway& gateway_;
  const Caller caller_;
  const std::string filename_;
  Multipart form_;
  std::shared_ptr<MediaUpload> upload_;
  bool is_in_file_ = false;
  std::uint64_t size_ = 0;
  std::optional<Error> error_;
  std::atomic<bool> is_refused_ = false;                   // by the upload, which says why
};

Result<> FormSink::begin_file(const Multipart::Part& part) {
  if (upload_) return fail(ErrorCode::INVALID_REQUEST, "the form has more than one part named file");
  const std::string& name = part.filename.empty() ? filename_ : part.filename;
  auto upload = gateway_.begin_upload(caller_, says_nothing(part.content_type) ? "" : part.content_type, name);
  if (!upload) return fail(upload.error());
  upload_ = std::move(*upload);
  return {};
}

Result<std::string> FormSink::take(std::string_view piece) {
  auto events = form_.take(piece);
  if (!events) return fail(events.error());
  std::string out;
  for (const Multipart::Event& event : *events) {
    if (event.begins) is_in_file_ = event.part.name == "file";
    if (event.begins && is_in_file_) {
      if (auto begun = begin_file(event.part); !begun) return fail(begun.error());
    }
    if (is_in_file_) out += event.octets;
  }
  size_ += out.size();
  if (size_ <= gateway_.media_bytes_max()) return out;
  return fail(ErrorCode::PAYLOAD_TOO_LARGE,
              fmt::format("the file is larger than {} bytes", gateway_.media_bytes_max()));
}

void FormSink::write(std::string piece, Done done) {
  auto octets = take(piece);
  if (!octets) {
    error_ = octets.error();
    return done(false);
  }
  if (octets->empty()) return done(true);
  upload_->write(std::move(*octets), [this, done = std::move(done)](bool goes_on) {
    if (!goes_on) is_refused_ = true;
    done(goes_on);
  });
}

void FormSink::finish(Respond respond) {
  const auto refuse = [&](const char* why) { respond(to_response(Error(ErrorCode::INVALID_REQUEST, why))); };
  if (error_) return respond(to_response(*error_));
  if (!is_refused_ && !form_.is_complete()) return refuse("the form is cut off before its last boundary");
  if (!upload_) return refuse("the form has no part named file");
  upload_->finish([respond = std::move(respond)](Result<Reply> reply) { respond(to_response(std::move(reply))); });
}

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

Result<std::shared_ptr<BodySink>> open_upload(Gateway& gateway, const Request& request, const Caller& caller) {
  std::string mimetype = header_of(request, "content-type");
  std::string filename = find_parameter(request.target.query, "filename").value_or("");
  if (is_form(mimetype)) {
    auto boundary = boundary_of(mimetype);
    if (!boundary) return fail(boundary.error());
    return std::make_shared<FormSink>(gateway, caller, std::move(*boundary), std::move(filename));
  }
  if (mimetype.starts_with("multipart/")) {
    return fail(Error(ErrorCode::UNSUPPORTED_MEDIA_TYPE, "the body must be the file itself, or a form",
                      "curl --data-binary @FILE -H 'Content-Type: image/jpeg', or curl -F file=@FILE"));
  }
  if (says_nothing(mimetype)) mimetype.clear();
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
