#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/sha256.h"
#include "common/tar.h"
#include "daemon/store/backup.h"
#include "daemon/store/backup_layout.h"
#include "daemon/store/media_files.h"
#include "daemon/store/sessions.h"
#include "daemon/store/store.h"
#include "daemon/store/sync_folder.h"

namespace konekwa::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kTextBytesMax = 64 * 1024;   // of the two small files
constexpr std::size_t kSha256HexDigits = 64;
// Kinds of rows of signal_rows (wa::SignalRow::Kind): the ratchets with people, and our sender keys of groups.
constexpr int kRatchet = 0, kSenderKey = 3;
// Prekeys that the original made after the backup have the next ids at WhatsApp; ours go past them.
constexpr std::int64_t kPrekeysSkipped = 100'000, kPrekeyIdMax = 0xFFFFFF;

Error refusal(std::string why) {
  return Error(ErrorCode::INVALID_REQUEST, "the backup cannot be restored", std::move(why));
}

// The archive as a row of entries with their octets.
class Archive {
 public:
  explicit Archive(const ReadArchive& read) : read_(read) {}

  Result<std::optional<TarEntry>> next() {
    std::string block(kTarBlock, '\0');
    if (auto filled = fill(block); !filled) return fail(filled.error());
    auto entry = read_tar_header(block);
    if (!entry) return fail(refusal(entry.error().text()));
    return entry;
  }

  Result<std::string> text(const TarEntry& entry) {
    if (entry.size > kTextBytesMax) return fail(refusal(entry.name + " is too large"));
    std::string out;
    const auto taken = each_piece(entry, [&](ByteView piece) {
      out += as_text(piece);
      return Result<>();
    });
    if (!taken) return fail(taken.error());
    return out;
  }

  // Into a new file; the hash of what was written.
  Result<Bytes> file(const TarEntry& entry, const std::string& path) {
    auto file = NewFile::create(path);
    if (!file) return fail(file.error());
    Sha256 hash;
    const auto taken = each_piece(entry, [&](ByteView piece) {
      hash.add(piece);
      return file->write(piece);
    });
    if (!taken) return fail(taken.error());
    if (auto kept = file->keep(); !kept) return fail(kept.error());
    return hash.finish();
  }

 private:
  Result<> each_piece(const TarEntry& entry, const std::function<Result<>(ByteView)>& take) {
    std::string piece;
    for (std::uint64_t left = entry.size; left > 0; left -= piece.size()) {
      piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, kFileBlock)));
      if (auto filled = fill(piece); !filled) return filled;
      if (auto taken = take(as_bytes(piece)); !taken) return taken;
    }
    std::string padding(tar_padding(entry.size), '\0');
    return fill(padding);
  }

  Result<> fill(std::string& out) {
    const auto got = read_({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    if (!got) return fail(got.error());
    return *got == out.size() ? Result<>() : fail(refusal("it is cut off"));
  }

  const ReadArchive& read_;
};

class Restorer {
 public:
  Restorer(const ReadArchive& read, const std::string& data_dir)
      : archive_(read), data_dir_(data_dir), folder_(data_dir + "/" + backup_layout::kRestoring), media_(data_dir) {}
  ~Restorer() {
    std::error_code failed;
    fs::remove_all(folder_, failed);
    // Without a database the files are of no use, and would be in the way of the next attempt.
    if (!is_done_ && has_begun_) fs::remove_all(data_dir_ + "/media", failed);
  }

  Result<Restored> run(bool is_original_gone) {
    if (auto begun = begin(); !begun) return fail(begun.error());
    if (auto read = read_archive(); !read) return fail(read.error());
    if (auto opened = open_database(is_original_gone); !opened) return fail(opened.error());
    const std::string target = data_dir_ + "/" + backup_layout::kDatabase;
    if (::rename(database_path().c_str(), target.c_str()) != 0) {
      return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string("cannot rename the database: ") + std::strerror(errno));
    }
    is_done_ = true;
    if (auto synced = sync_folder(data_dir_); !synced) return fail(synced.error());
    give_to_owner();
    return restored_;
  }

 private:
  std::string database_path() const { return folder_ + "/" + backup_layout::kDatabase; }

  Result<> begin() {
    std::error_code failed;
    for (const char* name : {backup_layout::kDatabase, "media"}) {
      if (!fs::exists(data_dir_ + "/" + name, failed)) continue;
      return fail(Error(ErrorCode::CONFLICT, "the data directory is in use already",
                        fmt::format("{}/{} exists; restore into an empty --data-dir", data_dir_, name)));
    }
    fs::remove_all(folder_, failed);
    if (::mkdir(folder_.c_str(), 0700) != 0) {
      return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string("cannot make a folder: ") + std::strerror(errno));
    }
    has_begun_ = true;
    return {};
  }

  Result<> read_archive() {
    std::string sums;
    Bytes manifest_sum, database_sum;
    for (bool is_first = true;; is_first = false) {
      auto entry = archive_.next();
      if (!entry) return fail(entry.error());
      if (!entry->has_value()) break;
      const TarEntry& file = **entry;
      if (is_first != (file.name == backup_layout::kManifest)) return fail(refusal("it is no backup of Konekwa"));
      if (is_first) {
        if (auto taken = take_manifest(file, manifest_sum); !taken) return taken;
      } else if (file.name == backup_layout::kDatabase && database_sum.empty()) {
        auto sum = archive_.file(file, database_path());
        if (!sum) return fail(sum.error());
        database_sum = std::move(*sum);
      } else if (file.name == backup_layout::kSums) {
        auto text = archive_.text(file);
        if (!text) return fail(text.error());
        sums = std::move(*text);
      } else if (auto taken = take_media(file); !taken) {
        return taken;
      }
    }
    const auto has = [&](const Bytes& sum, const char* name) {
      return !sum.empty() && sums.find(to_hex(sum) + "  " + name + "\n") != std::string::npos;
    };
    if (has(manifest_sum, backup_layout::kManifest) && has(database_sum, backup_layout::kDatabase)) return {};
    return fail(refusal("its files do not have the checksums that it says"));
  }

  Result<> take_manifest(const TarEntry& file, Bytes& sum) {
    const auto text = archive_.text(file);
    if (!text) return fail(text.error());
    Sha256 hash;
    hash.add(as_bytes(*text));
    sum = hash.finish();
    const auto about = parse_json(*text);
    if (!about || !about->is_object() || !about->contains("format")) return fail(refusal("it does not say what it is"));
    if ((*about)["format"] != backup_layout::kFormat) return fail(refusal("it was made by a newer version"));
    restored_.made_at = about->value("made_at", "");
    restored_.made_by = about->value("made_by", "");
    return {};
  }

  Result<> take_media(const TarEntry& file) {
    const std::string name = file.name.substr(file.name.rfind('/') + 1);
    const auto sha256 = from_hex(name);
    if (!sha256 || name.size() != kSha256HexDigits || file.name != "media/" + name.substr(0, 2) + "/" + name) {
      return fail(refusal("it holds a file that does not belong there"));
    }
    const std::string path = media_.temporary_path();
    const auto sum = archive_.file(file, path);
    if (!sum) return fail(sum.error());
    if (*sum != *sha256) return fail(refusal("a media file is damaged"));
    if (auto adopted = media_.adopt(path, *sha256); !adopted) return adopted;
    ++restored_.media;
    return {};
  }

  Result<> open_database(bool is_original_gone) {
    try {
      Database db(database_path(), Database::Mode::ReadWrite);
      std::string state;
      db.query_one("PRAGMA integrity_check", {}, [&](const Row& row) { state = row.text(0); });
      if (state != "ok") return fail(refusal("its database is damaged: " + state));
      if (auto migrated = migrate(db); !migrated) return fail(refusal(migrated.error().text()));
      db.execute("BEGIN IMMEDIATE");
      forget_ratchets(db);
      if (!is_original_gone) hold_sessions(db);
      count(db);
      db.execute("COMMIT");
      return {};
    } catch (const Failure& failure) {
      return fail(refusal(std::string("its database: ") + failure.what()));
    }
  }

  // The original may have used their next keys. A chat that begins anew heals by itself; a key used twice does not.
  static void forget_ratchets(Database& db) {
    db.execute("DELETE FROM signal_rows WHERE kind IN (?, ?)", {kRatchet, kSenderKey});
    db.execute("DELETE FROM sender_key_holders");
    db.execute("UPDATE devices SET next_prekey_id = (next_prekey_id + ?) % ? + 1", {kPrekeysSkipped, kPrekeyIdMax});
  }

  void hold_sessions(Database& db) {
    restored_.held = db.execute(
        "UPDATE sessions SET wants_connection = 0, status = 'DISCONNECTED', status_reason = 'RESTORED'"
        " WHERE wants_connection = 1 AND phone_number <> '' AND status NOT IN ('LOGGED_OUT', 'BANNED')");
  }

  void count(Database& db) {
    restored_.sessions = db.integer("SELECT count(*) FROM sessions WHERE phone_number <> ''").value_or(0);
    restored_.messages_waiting = sessions::count_waiting_messages(db);
  }

  // root restores for the service's user, whom the directory belongs to.
  void give_to_owner() const {
    struct stat info {};
    if (::geteuid() != 0 || ::stat(data_dir_.c_str(), &info) != 0 || info.st_uid == 0) return;
    std::error_code failed;
    for (const auto& entry : fs::recursive_directory_iterator(data_dir_, failed)) {
      // What stays root's is told when the daemon starts and cannot open it.
      [[maybe_unused]] const int changed = ::lchown(entry.path().c_str(), info.st_uid, info.st_gid);
    }
  }

  Archive archive_;
  const std::string data_dir_, folder_;
  MediaFiles media_;
  Restored restored_;
  bool has_begun_ = false, is_done_ = false;
};

}  // namespace

Result<Restored> restore_backup(const ReadArchive& read, const std::string& data_dir, bool is_original_gone) {
  return Restorer(read, data_dir).run(is_original_gone);
}

}  // namespace konekwa::store
