#include "daemon/store/backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/log.h"
#include "common/sha256.h"
#include "common/tar.h"
#include "daemon/store/backup_layout.h"
#include "daemon/store/database.h"

namespace konekwa::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 128 * 1024;
constexpr std::uint64_t kSpareBytes = 64 * 1024 * 1024;   // of room that stays free beside the copy

Error broken(const std::string& what) { return Error(ErrorCode::STORAGE_UNAVAILABLE, what); }

std::string sum_line(const Bytes& sha256, const std::string& name) { return to_hex(sha256) + "  " + name + "\n"; }

Bytes sha256_of(std::string_view text) {
  Sha256 hash;
  hash.add(as_bytes(text));
  return hash.finish();
}

}  // namespace

Result<std::unique_ptr<Backup>> Backup::take(const std::string& data_dir, bool has_media, Time now) {
  std::unique_ptr<Backup> backup(new Backup(data_dir + "/" + backup_layout::kFolder, now));
  std::error_code failed;
  fs::remove_all(backup->folder_, failed);   // of a backup that a crash ended
  if (::mkdir(backup->folder_.c_str(), 0700) != 0) {
    return fail(broken(std::string("cannot make a folder for the backup: ") + std::strerror(errno)));
  }
  if (auto copied = backup->copy_database(data_dir); !copied) return fail(copied.error());
  if (auto planned = backup->plan(); !planned) return fail(planned.error());
  if (has_media) {
    if (auto named = backup->name_media(data_dir); !named) return fail(named.error());
  }
  for (const Part& part : backup->parts_) backup->size_ += kTarBlock + part.size + tar_padding(part.size);
  backup->size_ += tar_end().size();
  return backup;
}

Backup::~Backup() {
  std::error_code failed;
  fs::remove_all(folder_, failed);
}

// One snapshot, without a lock that the writer would feel: what is committed meanwhile stays in the WAL.
Result<> Backup::copy_database(const std::string& data_dir) {
  const std::string path = data_dir + "/" + backup_layout::kDatabase;
  std::error_code failed;
  const fs::space_info room = fs::space(folder_, failed);
  const std::uint64_t needed = fs::file_size(path, failed) + kSpareBytes;
  if (!failed && room.available < needed) {
    return fail(Error(ErrorCode::STORAGE_FULL, "there is no room for a copy of the database",
                      fmt::format("it takes {} bytes, {} are free", needed, room.available)));
  }
  try {
    Database db(path, Database::Mode::ReadOnly);
    db.script("PRAGMA query_only = OFF");   // it would refuse the copy too; the file itself is open for reading only
    db.execute("VACUUM INTO ?", {folder_ + "/" + backup_layout::kDatabase});
  } catch (const Failure& failure) {
    return fail(broken(std::string("the database cannot be copied: ") + failure.what()));
  }
  return {};
}

Result<> Backup::plan() {
  const std::string path = folder_ + "/" + backup_layout::kDatabase;
  const auto sum = sha256_of_file(path);
  if (!sum) return fail(sum.error());
  std::error_code failed;
  const std::uint64_t size = fs::file_size(path, failed);
  if (failed) return fail(broken("the copy of the database is gone"));
  const Json about = {{"format", backup_layout::kFormat}, {"made_by", KONEKWA_VERSION}, {"made_at", to_rfc3339(now_)}};
  const std::string manifest = about.dump(2) + "\n";
  const std::string sums = sum_line(sha256_of(manifest), backup_layout::kManifest) +
                           sum_line(*sum, backup_layout::kDatabase);
  parts_.push_back({backup_layout::kManifest, "", manifest, manifest.size()});
  parts_.push_back({backup_layout::kDatabase, path, "", size});
  parts_.push_back({backup_layout::kSums, "", sums, sums.size()});
  return {};
}

// A second name for each file: it stays as long as this is read, even when nobody else needs it any more.
Result<> Backup::name_media(const std::string& data_dir) {
  std::error_code failed;
  const fs::path media = fs::path(data_dir) / "media";
  fs::create_directory(folder_ + "/media", failed);
  for (const auto& folder : fs::directory_iterator(media, failed)) {
    const std::string prefix = "media/" + folder.path().filename().string();
    if (prefix == "media/tmp") continue;
    std::error_code unreadable;
    fs::create_directory(folder_ + "/" + prefix, unreadable);
    for (const auto& file : fs::directory_iterator(folder.path(), unreadable)) {
      const std::string name = prefix + "/" + file.path().filename().string(), path = folder_ + "/" + name;
      if (::link(file.path().c_str(), path.c_str()) != 0) {
        if (errno == ENOENT) continue;   // taken away since the folder was listed
        return fail(broken(std::string("cannot link a media file: ") + std::strerror(errno)));
      }
      struct stat info {};
      if (::stat(path.c_str(), &info) != 0) return fail(broken("cannot look at a media file"));
      parts_.push_back({name, path, "", static_cast<std::uint64_t>(info.st_size)});
    }
    if (unreadable) return fail(broken("cannot list the media: " + unreadable.message()));
  }
  return {};   // without a folder there are no media
}

Result<std::string> Backup::begin_part() {
  const Part& part = parts_[at_];
  std::string out = tar_header({part.name, part.size}, now_);
  if (part.path.empty()) {
    ++at_;
    return out + part.text + std::string(tar_padding(part.size), '\0');
  }
  auto file = InputFile::open(part.path);
  if (!file) return fail(file.error());
  if (file->size() != part.size) return fail(broken("a file of the backup has changed"));
  file_ = std::make_unique<InputFile>(std::move(*file));
  left_ = part.size;
  return out;
}

Result<std::string> Backup::read() {
  if (!file_ && at_ < parts_.size()) return begin_part();
  if (!file_) return std::exchange(is_over_, true) ? std::string() : tar_end();
  std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPieceBytes)), '\0');
  const auto got = file_->read({reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()});
  if (!got) return fail(got.error());
  if (*got != piece.size()) return fail(broken("a file of the backup has become shorter"));
  left_ -= *got;
  if (left_ == 0) {
    piece += std::string(tar_padding(parts_[at_++].size), '\0');
    file_.reset();
    if (piece.empty()) return read();   // an empty file
  }
  return piece;
}

}  // namespace konekwa::store
