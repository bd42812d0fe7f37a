#include "daemon/gateway/media_transfer.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace konekwa {
namespace {

// Left for the database, which holds what was promised to be sent.
constexpr std::uint64_t kFreeBytesMin = 64 * 1024 * 1024;

Error system_error(const char* what) {
  const bool is_full = errno == ENOSPC || errno == EDQUOT;
  const ErrorCode code = is_full ? ErrorCode::STORAGE_FULL : ErrorCode::STORAGE_UNAVAILABLE;
  return Error(code, std::string(what) + ": " + std::strerror(errno));
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool has_free_space(int file) {
  struct statvfs disk {};
  if (::fstatvfs(file, &disk) != 0) return true;   // the write will tell
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize >= kFreeBytesMin;
}

class FileReader final : public MediaReader {
 public:
  FileReader(Worker& worker, int file) : worker_(worker), file_(std::make_shared<Descriptor>(file)) {}

  void read(std::uint64_t offset, std::size_t size, std::function<void(std::string)> deliver) override {
    const auto piece = std::make_shared<std::string>();
    worker_.run(
        [file = file_, piece, offset, size] {
          piece->resize(size);
          const ssize_t count = ::pread(file->number, piece->data(), size, static_cast<off_t>(offset));
          piece->resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        },
        [piece, deliver = std::move(deliver)] { deliver(std::move(*piece)); });
  }

 private:
  // Shared with the read that is under way when the client goes.
  struct Descriptor {
    explicit Descriptor(int n) : number(n) {}
    ~Descriptor() { ::close(number); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number;
  };

  Worker& worker_;
  std::shared_ptr<Descriptor> file_;
};

}  // namespace

FileTaker::FileTaker(Worker& worker, store::MediaFiles& files, UploadLimits& limits)
    : worker_(worker), files_(files), limits_(limits) {}

FileTaker::~FileTaker() {
  limits_.under_way_bytes -= size_;
  if (file_ >= 0) ::close(file_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

void FileTaker::write(std::string piece, std::function<void(bool goes_on)> done) {
  worker_.run(
      [self = shared_from_this(), piece = std::move(piece)] {
        if (self->error_) return;
        if (auto taken = self->take(piece); !taken) self->error_ = std::move(taken.error());
      },
      [self = shared_from_this(), done = std::move(done)] { done(!self->error_); });
}

Result<> FileTaker::take(const std::string& piece) {
  if (file_ < 0) {
    if (auto opened = open(); !opened) return opened;
  }
  if (auto room = make_room(piece.size()); !room) return room;
  if (!write_all(file_, piece)) return fail(system_error("cannot write the file"));
  hash_.add(as_bytes(piece));
  return {};
}

Result<> FileTaker::open() {
  path_ = files_.temporary_path();
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) {
    const Error error = system_error("cannot make a file");
    path_.clear();   // it is not ours
    return fail(error);
  }
  if (!has_free_space(file_)) return fail(ErrorCode::STORAGE_FULL, "the disk is almost full");
  return {};
}

Result<> FileTaker::make_room(std::size_t more) {
  size_ += more;
  const std::uint64_t under_way = limits_.under_way_bytes += more;
  if (limits_.quota_bytes == 0 || files_.bytes_used() + under_way <= limits_.quota_bytes) return {};
  return fail(ErrorCode::STORAGE_FULL, fmt::format("media may take {} bytes", limits_.quota_bytes));
}

void FileTaker::adopt(std::function<void(Result<Taken>)> done) {
  const auto taken = std::make_shared<Taken>();
  worker_.run(
      [self = shared_from_this(), taken] {
        if (!self->error_ && self->file_ < 0) {
          self->error_ = Error(ErrorCode::INVALID_REQUEST, "the request body, which is the file, is empty");
        }
        if (self->error_) return;
        *taken = {self->hash_.finish(), self->size_};
        if (auto adopted = self->files_.adopt(self->path_, taken->sha256); adopted) self->path_.clear();
        else self->error_ = std::move(adopted.error());
      },
      [self = shared_from_this(), taken, done = std::move(done)] {
        self->error_ ? done(fail(*self->error_)) : done(std::move(*taken));
      });
}

std::shared_ptr<MediaReader> make_media_reader(Worker& worker, int file) {
  return std::make_shared<FileReader>(worker, file);
}

}  // namespace konekwa
