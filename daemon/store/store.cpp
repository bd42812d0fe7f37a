#include "daemon/store/store.h"

#include "daemon/store/sync_folder.h"
#include "daemon/store/threaded_db_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace konekwa::store {
namespace {

Result<> system_failure(const char* what) {
  return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string(what) + ": " + std::strerror(errno));
}

// The file holds keys and messages. SQLite gives -wal and -shm the mode of the file itself, so it is made here first.
Result<> make_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return system_failure("cannot open the database file");
  const int changed = ::fchmod(fd, 0600);
  ::close(fd);
  return changed == 0 ? Result<>() : system_failure("cannot make the database file private");
}

Result<std::unique_ptr<Database>> open_for_writing(const std::string& path) {
  try {
    return std::make_unique<Database>(path, Database::Mode::ReadWrite);
  } catch (const Failure& failure) {
    return fail(ErrorCode::STORAGE_UNAVAILABLE, std::string("cannot open the database: ") + failure.what());
  }
}

}  // namespace

// The name of a new file is durable only once its folder is.
Result<> sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_failure("cannot open the data directory");
  const int synced = ::fsync(fd);
  ::close(fd);
  return synced == 0 ? Result<>() : system_failure("cannot sync the data directory");
}

Result<std::unique_ptr<Store>> Store::open(const std::string& data_dir, std::function<void(Error)> on_fatal) {
  const std::string path = data_dir + "/konekwa.db";
  if (auto made = make_private_file(path); !made) return fail(made.error());
  auto db = open_for_writing(path);
  if (!db) return fail(db.error());
  if (auto migrated = migrate(**db); !migrated) return fail(migrated.error());
  if (auto synced = sync_folder(data_dir); !synced) return fail(synced.error());

  std::unique_ptr<Store> store(new Store);
  store->writer_ = std::make_unique<ThreadedDbWriter>(std::move(*db), std::move(on_fatal));
  store->readers_ = std::make_unique<Readers>(path);
  return store;
}

// Readers first: the writer's connection is the last to close, and leaves no WAL behind.
Store::~Store() {
  readers_.reset();
  writer_.reset();
}

}  // namespace konekwa::store
