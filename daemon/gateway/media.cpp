// Gateway: files that clients upload to send them, and the files of messages.
#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "common/id.h"
#include "common/utf8.h"
#include "daemon/gateway/impl.h"
#include "daemon/gateway/media_url.h"
#include "daemon/gateway/message_request.h"
#include "daemon/store/message_media.h"

namespace konekwa {
namespace {

using store::MediaState;
using store::MessageState;

constexpr Duration kUploadLifetime = hours(24 * 14);
constexpr std::size_t kMimetypeBytesMax = 127;

// "image/jpeg" and parameters; what goes into a header again must not hold anything else.
bool is_mimetype(std::string_view text) {
  const bool is_visible = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  const std::size_t slash = text.find('/');
  return is_visible && text.size() <= kMimetypeBytesMax && slash != std::string_view::npos && slash > 0 &&
         slash + 1 < text.size();
}

bool is_filename(std::string_view text) {
  const bool is_printable =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c != 0x7f; });
  return is_printable && text.size() <= kFilenameBytesMax && is_utf8(text) &&
         text.find_first_of("/\\") == std::string_view::npos;
}

Json upload_json(const store::UploadRow& row) {
  Json out = {{"id", row.id},
              {"media_url", media_url_of(row.id)},
              {"size", row.size},
              {"sha256", to_hex(row.sha256)}};
  if (!row.mimetype.empty()) out["mimetype"] = row.mimetype;
  if (!row.filename.empty()) out["filename"] = row.filename;
  out["created_at"] = to_rfc3339(row.created_at);
  out["expires_at"] = to_rfc3339(row.expires_at);
  return out;
}

// The same file once more is the same upload, and lives longer.
Result<Reply> keep_upload(store::Database& db, const store::UploadRow& row) {
  const auto same = store::uploads::find_same(db, row);
  if (!same) {
    store::uploads::insert(db, row);
    return json_reply(201, upload_json(row));
  }
  store::uploads::keep_until(db, same->id, row.expires_at);
  return json_reply(201, upload_json(*store::uploads::find(db, same->id)));
}

class Upload final : public MediaUpload {
 public:
  Upload(Gateway::Impl& impl, store::UploadRow row)
      : impl_(impl),
        row_(std::move(row)),
        taker_(std::make_shared<FileTaker>(impl.parts.worker, impl.parts.media, impl.upload_limits)) {}

  void write(std::string piece, std::function<void(bool)> done) override {
    taker_->write(std::move(piece), std::move(done));
  }

  void finish(Gateway::Answer answer) override {
    taker_->adopt([&impl = impl_, row = row_, answer = std::move(answer)](Result<FileTaker::Taken> taken) mutable {
      if (!taken) return answer(fail(taken.error()));
      row.sha256 = std::move(taken->sha256);
      row.size = static_cast<std::int64_t>(taken->size);
      impl.commit([row](store::Database& db) { return keep_upload(db, row); }, std::move(answer));
    });
  }

 private:
  Gateway::Impl& impl_;
  const store::UploadRow row_;
  const std::shared_ptr<FileTaker> taker_;
};

struct FoundMedia {
  store::MessageRow message;
  std::optional<store::MessageMediaRow> media;
};

Result<FoundMedia> find_media(store::Database& db, const Caller& caller, const std::string& id) {
  auto message = Gateway::Impl::message(db, caller, id);
  if (!message) return fail(message.error());
  FoundMedia out{std::move(*message), std::nullopt};
  out.media = store::message_media::find(db, out.message.sequence);
  return out;
}

// Why there is no file; nothing when there should be one.
std::optional<Error> problem_of(const FoundMedia& found) {
  if (!found.media) {
    const MessageState state = found.message.state;
    const bool is_waiting =
        state == MessageState::SCHEDULED || state == MessageState::QUEUED || state == MessageState::SENDING;
    const MessageType* type = find_message_type(found.message.message_type);
    if (is_waiting && type != nullptr && type->takes_media_url) {
      return Error(ErrorCode::MEDIA_NOT_READY, "the message waits to be sent");
    }
    return Error(ErrorCode::MEDIA_NOT_FOUND, "the message has none");
  }
  switch (found.media->state) {
    case MediaState::PENDING: return Error(ErrorCode::MEDIA_NOT_READY);
    case MediaState::FAILED: return Error(ErrorCode::MEDIA_LOST, found.media->error);
    case MediaState::EXPIRED: return Error(ErrorCode::MEDIA_EXPIRED);
    case MediaState::STORED: break;
  }
  return std::nullopt;
}

Result<store::UploadRow> find_upload(store::Database& db, const Caller& caller, const std::string& id) {
  auto row = store::uploads::find(db, id);
  if (!row || !caller.sees(row->tenant)) return fail(ErrorCode::MEDIA_NOT_FOUND, id);
  return std::move(*row);
}

}  // namespace

std::uint64_t Gateway::media_bytes_max() const { return impl_->options.media_bytes_max; }

Result<std::shared_ptr<MediaUpload>> Gateway::begin_upload(const Caller& caller, const std::string& mimetype,
                                                           const std::string& filename) {
  if (!mimetype.empty() && !is_mimetype(mimetype)) {
    return fail(ErrorCode::INVALID_REQUEST, "Content-Type must be a type such as image/jpeg");
  }
  if (!is_filename(filename)) {
    return fail(ErrorCode::INVALID_REQUEST,
                fmt::format("the filename must be a name without a path, of {} bytes at most", kFilenameBytesMax));
  }
  const Time now = impl_->now();
  store::UploadRow row;
  row.id = new_random_id("med_", impl_->parts.random);
  row.tenant = caller.acting_tenant();
  row.mimetype = mimetype;
  row.filename = filename;
  row.created_at = now;
  row.expires_at = now + kUploadLifetime;
  return std::make_shared<Upload>(*impl_, std::move(row));
}

Result<Reply> Gateway::show_upload(const Caller& caller, const std::string& id) {
  Result<store::UploadRow> row;
  auto done = impl_->parts.readers.read([&](store::Database& db) { row = find_upload(db, caller, id); });
  if (!done) return fail(done.error());
  if (!row) return fail(row.error());
  return json_reply(200, upload_json(*row));
}

// The file goes with the next sweep, unless a message has it too.
void Gateway::delete_upload(const Caller& caller, const std::string& id, Answer answer) {
  impl_->commit(
      [caller, id](store::Database& db) -> Result<Reply> {
        const auto row = find_upload(db, caller, id);
        if (!row) return fail(row.error());
        store::uploads::erase(db, id);
        return json_reply(200, {{"message", "Media deleted successfully"}});
      },
      std::move(answer));
}

Result<MediaView> Gateway::message_media(const Caller& caller, const std::string& id) {
  Result<FoundMedia> found;
  auto done = impl_->parts.readers.read([&](store::Database& db) { found = find_media(db, caller, id); });
  if (!done) return fail(done.error());
  if (!found) return fail(found.error());
  if (auto problem = problem_of(*found)) return fail(std::move(*problem));
  const store::MessageMediaRow& media = *found->media;
  const int file = ::open(impl_->parts.media.path_of(media.sha256).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return fail(ErrorCode::MEDIA_EXPIRED);
  MediaView view;
  view.reader = make_media_reader(impl_->parts.worker, file);
  struct stat info {};
  if (::fstat(file, &info) != 0) return fail(ErrorCode::MEDIA_EXPIRED);
  view.size = static_cast<std::uint64_t>(info.st_size);
  view.mimetype = is_mimetype(media.mimetype) ? media.mimetype : "";   // a stranger wrote it
  view.filename = media.filename;
  view.sha256 = to_hex(media.sha256);
  return view;
}

}  // namespace konekwa
