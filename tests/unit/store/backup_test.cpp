#include "daemon/store/backup.h"

#include <filesystem>
#include <fstream>

#include "common/sha256.h"
#include "common/tar.h"
#include "daemon/store/devices.h"
#include "daemon/store/groups.h"
#include "daemon/store/media_files.h"
#include "daemon/store/migrations.h"
#include "daemon/store/store.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/rows.h"

namespace konekwa::store {
namespace {

namespace fs = std::filesystem;
using test::at;

constexpr const char* kPicture = "not really a picture";

Bytes hash_of(std::string_view content) {
  Sha256 hash;
  hash.add(as_bytes(content));
  return hash.finish();
}

void put_session(Database& db, const std::string& id, const std::string& number, SessionStatus status) {
  SessionRow row = test::session_row(id);
  row.status = status;
  row.phone_number = number;
  sessions::insert(db, row);
  DeviceRow device;
  device.session = id;
  device.next_prekey_id = 813;
  devices::save(db, device);
}

// A data directory with a linked session, ratchets, a message that waits and a file.
void fill(const std::string& data_dir) {
  std::ofstream(data_dir + "/konekwa.db").close();
  Database db(data_dir + "/konekwa.db", Database::Mode::ReadWrite);
  REQUIRE(migrate(db));
  put_session(db, "ses_a", "6281234567890", SessionStatus::CONNECTED);
  put_session(db, "ses_new", "", SessionStatus::WAITING_QR);
  put_session(db, "ses_gone", "6281234567891", SessionStatus::LOGGED_OUT);
  for (const int kind : {0, 1, 2, 3}) devices::put_signal(db, "ses_a", kind, "1.0", Bytes{1});
  db.execute("INSERT INTO sender_key_holders VALUES ('ses_a', '1@g.us', '2@lid')");
  messages::insert(db, test::outbound_row("msg_a"));
  MediaFiles files(data_dir);
  const std::string temporary = files.temporary_path();
  std::ofstream(temporary) << kPicture;
  REQUIRE(files.adopt(temporary, hash_of(kPicture)));
}

std::string archive_of(const std::string& data_dir, bool has_media = true) {
  auto backup = Backup::take(data_dir, has_media, at(0));
  REQUIRE(backup);
  std::string out;
  while (true) {
    const auto piece = (*backup)->read();
    REQUIRE(piece);
    if (piece->empty()) break;
    out += *piece;
  }
  CHECK(out.size() == (*backup)->size());
  return out;
}

Result<Restored> restored(std::string archive, const std::string& data_dir, bool is_original_gone = false) {
  std::size_t position = 0;
  const ReadArchive read = [&](std::span<std::uint8_t> out) -> Result<std::size_t> {
    const std::size_t size = std::min(out.size(), archive.size() - position);
    std::copy_n(archive.begin() + static_cast<std::ptrdiff_t>(position), size, out.begin());
    position += size;
    return size;
  };
  return restore_backup(read, data_dir, is_original_gone);
}

struct Folders {
  test::TempDir one, two;
  std::string from = one.path(), to = two.path();
};

std::size_t entries_in(const std::string& folder) {
  const auto counts = [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name != "konekwa.db-wal" && name != "konekwa.db-shm";   // whoever has it open
  };
  return static_cast<std::size_t>(std::count_if(fs::directory_iterator(folder), fs::directory_iterator(), counts));
}

}  // namespace

TEST_CASE("a backup brings back rows and files, without ratchets and without going online", "[backup]") {
  Folders folders;
  fill(folders.from);
  const auto done = restored(archive_of(folders.from), folders.to);
  REQUIRE(done);
  CHECK(done->made_at == to_rfc3339(at(0)));
  CHECK(done->sessions == 2);
  CHECK(done->held == 1);
  CHECK(done->messages_waiting == 1);
  CHECK(done->media == 1);
  CHECK(MediaFiles(folders.to).has(hash_of(kPicture)));

  Database db(folders.to + "/konekwa.db", Database::Mode::ReadOnly);
  const auto session = sessions::find(db, "ses_a");
  REQUIRE(session);
  CHECK(session->status == SessionStatus::DISCONNECTED);
  CHECK(session->status_reason == "RESTORED");
  CHECK(sessions::ids_to_connect(db) == std::vector<std::string>{"ses_new", "ses_gone"});
  CHECK(sessions::find(db, "ses_gone")->status == SessionStatus::LOGGED_OUT);
  CHECK(devices::find(db, "ses_a")->next_prekey_id > 100'000);
  CHECK_FALSE(devices::find_signal(db, "ses_a", 0, "1.0"));   // a ratchet
  CHECK(devices::find_signal(db, "ses_a", 1, "1.0"));         // an identity
  CHECK(devices::find_signal(db, "ses_a", 2, "1.0"));         // a prekey
  CHECK_FALSE(devices::find_signal(db, "ses_a", 3, "1.0"));   // a sender key
  CHECK(db.integer("SELECT count(*) FROM sender_key_holders") == 0);
  CHECK(entries_in(folders.to) == 2);
}

TEST_CASE("when the original is gone its sessions go online by themselves", "[backup]") {
  Folders folders;
  fill(folders.from);
  const auto done = restored(archive_of(folders.from), folders.to, true);
  REQUIRE(done);
  CHECK(done->held == 0);
  Database db(folders.to + "/konekwa.db", Database::Mode::ReadOnly);
  CHECK(sessions::ids_to_connect(db).front() == "ses_a");
  CHECK_FALSE(devices::find_signal(db, "ses_a", 0, "1.0"));
}

TEST_CASE("prekey ids past a restore wrap where WhatsApp's do", "[backup]") {
  Folders folders;
  fill(folders.from);
  {
    Database db(folders.from + "/konekwa.db", Database::Mode::ReadWrite);
    devices::set_next_prekey_id(db, "ses_a", 0xFFFFFF);
  }
  REQUIRE(restored(archive_of(folders.from), folders.to));
  Database db(folders.to + "/konekwa.db", Database::Mode::ReadOnly);
  const auto next = devices::find(db, "ses_a")->next_prekey_id;
  CHECK(next >= 1);
  CHECK(next <= 0xFFFFFF);
}

TEST_CASE("a backup is of one moment, whatever is done meanwhile", "[backup]") {
  Folders folders;
  fill(folders.from);
  auto backup = Backup::take(folders.from, true, at(0));
  REQUIRE(backup);
  MediaFiles(folders.from).erase(hash_of(kPicture));
  {
    Database db(folders.from + "/konekwa.db", Database::Mode::ReadWrite);
    sessions::erase(db, "ses_a");
  }
  std::string archive;
  for (auto piece = (*backup)->read(); piece && !piece->empty(); piece = (*backup)->read()) archive += *piece;
  const auto done = restored(archive, folders.to);
  REQUIRE(done);
  CHECK(done->sessions == 2);
  CHECK(done->media == 1);
}

TEST_CASE("a backup leaves nothing behind, and takes over what a crash left", "[backup]") {
  Folders folders;
  fill(folders.from);
  const std::size_t before = entries_in(folders.from);
  fs::create_directories(folders.from + "/backup.tmp/media");
  std::ofstream(folders.from + "/backup.tmp/konekwa.db") << "half";
  archive_of(folders.from);
  CHECK(entries_in(folders.from) == before);
}

TEST_CASE("files may be left out of a backup", "[backup]") {
  Folders folders;
  fill(folders.from);
  const auto done = restored(archive_of(folders.from, false), folders.to);
  REQUIRE(done);
  CHECK(done->media == 0);
}

TEST_CASE("nothing is restored over what is there", "[backup]") {
  Folders folders;
  fill(folders.from);
  const std::string archive = archive_of(folders.from);
  REQUIRE(restored(archive, folders.to));
  const auto again = restored(archive, folders.to);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::CONFLICT);
  CHECK(MediaFiles(folders.to).has(hash_of(kPicture)));
}

TEST_CASE("a backup that is cut off or damaged leaves nothing", "[backup]") {
  Folders folders;
  fill(folders.from);
  const std::string whole = archive_of(folders.from);
  std::vector<std::string> broken;
  for (std::size_t size = 0; size < whole.size() - kTarBlock; size += whole.size() / 40 + 1) {
    broken.push_back(whole.substr(0, size));
  }
  const std::size_t pages = whole.find("SQLite format 3");
  for (const std::size_t place : {std::size_t{3}, std::size_t{520}, pages + 100, pages + 5000}) {
    broken.push_back(whole);
    broken.back()[place] = static_cast<char>(broken.back()[place] ^ 1);
  }
  broken.push_back(whole);
  const std::size_t picture = whole.rfind(kPicture);
  broken.back()[picture] = 'N';
  broken.push_back("this is no archive");
  broken.push_back(tar_end());
  for (const std::string& archive : broken) {
    const auto done = restored(archive, folders.to);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::INVALID_REQUEST);
    CHECK(entries_in(folders.to) == 0);
  }
  REQUIRE(restored(whole, folders.to));
}

TEST_CASE("a backup cannot write outside the data directory", "[backup]") {
  Folders folders;
  fill(folders.from);
  const std::string whole = archive_of(folders.from, false);
  const std::string body = whole.substr(0, whole.size() - tar_end().size());
  for (const std::string name : {"../evil", "/tmp/evil", "media/../../evil", "media/ab/short", "konekwa.db-wal"}) {
    const std::string archive =
        body + tar_header({name, 4}, at(0)) + "evil" + std::string(tar_padding(4), '\0') + tar_end();
    const auto done = restored(archive, folders.to);
    REQUIRE_FALSE(done);
    CHECK(done.error().details.find("does not belong") != std::string::npos);
    CHECK(entries_in(folders.to) == 0);
  }
}

TEST_CASE("a database of a newer version is not restored", "[backup]") {
  Folders folders;
  fill(folders.from);
  {
    Database db(folders.from + "/konekwa.db", Database::Mode::ReadWrite);
    db.script("PRAGMA user_version = 9999");
  }
  const auto done = restored(archive_of(folders.from), folders.to);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::INVALID_REQUEST);
  CHECK(entries_in(folders.to) == 0);
}

}  // namespace konekwa::store
