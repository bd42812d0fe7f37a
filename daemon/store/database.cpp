#include "daemon/store/database.h"

#include "daemon/store/write_lock.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cerrno>
#include <map>

namespace konekwa::store {
namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr std::size_t kStatementsMax = 256;

constexpr const char* kPragmasOfAll =
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;";
// A database in memory answers journal_mode with "memory", which is as it should be there.
constexpr const char* kPragmasOfWriter =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA cache_size = -16384;"   // KiB. A commit after a page was moved walks all of it: 64 MiB cost a sixth
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA wal_autocheckpoint = 1000;";
constexpr const char* kPragmasOfReader =
    "PRAGMA query_only = ON;"
    "PRAGMA wal_autocheckpoint = 0;";

// The disk said no for a reason that a person can mend while we run.
bool is_refusal(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EROFS || system_error == EFBIG;
}

Failure::Kind kind_of_io_error(int extended, int system_error) {
  // After a failed fsync nobody knows which pages are on the disk.
  if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC) return Failure::Kind::Broken;
  if (extended == SQLITE_IOERR_SHMSIZE || is_refusal(system_error)) return Failure::Kind::Full;
  return Failure::Kind::Broken;
}

Failure::Kind kind_of(int code, int extended, int system_error) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return Failure::Kind::Constraint;
    case SQLITE_FULL: return Failure::Kind::Full;
    case SQLITE_CANTOPEN: return Failure::Kind::Full;
    case SQLITE_READONLY: return extended == SQLITE_READONLY_DBMOVED ? Failure::Kind::Broken : Failure::Kind::Full;
    case SQLITE_IOERR: return kind_of_io_error(extended, system_error);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Failure::Kind::Broken;
    default: return Failure::Kind::Other;
  }
}

// A COMMIT that cannot write does not note why in the connection; the file of the WAL knows.
int error_of_wal(sqlite3* handle) {
  sqlite3_file* file = nullptr;
  int number = 0;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK) return 0;
  if (file == nullptr || file->pMethods == nullptr) return 0;
  return file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK ? number : 0;
}

int system_error_of(const SQLite::Exception& e, sqlite3* handle) {
  if (handle == nullptr) return 0;
  const int of_wal = e.getExtendedErrorCode() == SQLITE_IOERR_WRITE ? error_of_wal(handle) : 0;
  return of_wal != 0 ? of_wal : sqlite3_system_errno(handle);
}

[[noreturn]] void rethrow(const SQLite::Exception& e, sqlite3* handle) {
  throw Failure(kind_of(e.getErrorCode(), e.getExtendedErrorCode(), system_error_of(e, handle)), e.what());
}

void bind(SQLite::Statement& statement, int index, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.value)) return statement.bind(index, *number);
  if (const auto* text = std::get_if<std::string>(&value.value)) return statement.bindNoCopy(index, *text);
  if (const auto* blob = std::get_if<Bytes>(&value.value)) {
    // A null pointer would bind NULL instead of no octets.
    const void* data = blob->empty() ? static_cast<const void*>("") : blob->data();
    return statement.bindNoCopy(index, data, static_cast<int>(blob->size()));
  }
  statement.bind(index);
}

SQLite::Column column_of(void* statement, int column) {
  return static_cast<SQLite::Statement*>(statement)->getColumn(column);
}

}  // namespace

bool Row::is_null(int column) const { return column_of(statement_, column).isNull(); }
std::int64_t Row::integer(int column) const { return column_of(statement_, column).getInt64(); }
std::string Row::text(int column) const { return column_of(statement_, column).getString(); }

Bytes Row::blob(int column) const {
  const SQLite::Column cell = column_of(statement_, column);
  const auto* data = static_cast<const std::uint8_t*>(cell.getBlob());
  return data ? Bytes(data, data + cell.getBytes()) : Bytes();
}

std::optional<Time> Row::optional_time(int column) const {
  return is_null(column) ? std::nullopt : std::optional(time(column));
}

std::optional<std::string> Row::optional_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}

class Database::Impl {
 public:
  Impl(const std::string& path_or_uri, Mode mode) try
      : lock_(mode == Mode::ReadWrite ? std::make_unique<WriteLock>(path_or_uri) : nullptr),
        db_(path_or_uri, flags(mode), kBusyTimeoutMs) {
    db_.exec(kPragmasOfAll);
    db_.exec(mode == Mode::ReadWrite ? kPragmasOfWriter : kPragmasOfReader);
  } catch (const SQLite::Exception& e) {
    rethrow(e, nullptr);
  }

  // Runs a statement; `each` gets the rows and says whether it wants more. SQLite exceptions become Failures here.
  template <class Values, class Each>
  std::int64_t run(std::string_view sql, const Values& values, const Each& each) {
    try {
      const Lease lease(*this, sql);
      SQLite::Statement& statement = lease.statement();
      int index = 1;
      for (const Value& value : values) bind(statement, index++, value);
      while (statement.executeStep()) {
        if (!each(Row(&statement))) break;
      }
      return db_.getChanges();
    } catch (const SQLite::Exception& e) {
      rethrow(e, db_.getHandle());
    }
  }

  void script(const std::string& sql) {
    try {
      db_.exec(sql);
    } catch (const SQLite::Exception& e) {
      rethrow(e, db_.getHandle());
    }
  }

  std::int64_t last_key() const { return db_.getLastInsertRowid(); }

  bool in_transaction() const { return sqlite3_get_autocommit(db_.getHandle()) == 0; }

  std::vector<std::string> signals;

 private:
  struct Prepared {
    Prepared(SQLite::Database& db, const std::string& sql) : statement(db, sql) {}
    SQLite::Statement statement;
    bool is_busy = false;
  };

  // A statement for the time of one run. It is reset at once, also on an exception: an open one would hold the
  // read lock, and its values would stay in memory. A text that is already running (a query inside the callback of
  // the same query) gets a statement of its own.
  class Lease {
   public:
    Lease(Impl& impl, std::string_view sql) {
      Prepared& cached = impl.prepared(sql);
      if (cached.is_busy) own_ = std::make_unique<Prepared>(impl.db_, std::string(sql));
      prepared_ = own_ ? own_.get() : &cached;
      prepared_->is_busy = true;
    }
    ~Lease() {
      prepared_->statement.tryReset();   // repeats the error of the run, which has been thrown already
      forget_values();
      prepared_->is_busy = false;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    SQLite::Statement& statement() const { return prepared_->statement; }

   private:
    void forget_values() noexcept {
      try {
        prepared_->statement.clearBindings();
      } catch (const SQLite::Exception&) {
        // SQLite documents no failure of it; a destructor has nobody to tell.
      }
    }

    std::unique_ptr<Prepared> own_;
    Prepared* prepared_ = nullptr;
  };

  static int flags(Mode mode) {
    const int access = mode == Mode::ReadWrite ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY;
    return access | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX;
  }

  Prepared& prepared(std::string_view sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return *found->second;
    if (statements_.size() >= kStatementsMax) {
      std::erase_if(statements_, [](const auto& entry) { return !entry.second->is_busy; });
    }
    std::string text(sql);
    auto made = std::make_unique<Prepared>(db_, text);
    return *statements_.emplace(std::move(text), std::move(made)).first->second;
  }

  // SQLite counts what it allocates behind one lock of the process; nobody here asks for the sum.
  struct Library {
    Library() {
      static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
      static_cast<void>(configured);   // refused where somebody opened a database before: it only costs time
    }
  };

  Library library_;                   // before the first connection
  std::unique_ptr<WriteLock> lock_;   // released after the connection is closed
  SQLite::Database db_;
  std::map<std::string, std::unique_ptr<Prepared>, std::less<>> statements_;
};

Database::Database(const std::string& path_or_uri, Mode mode) : impl_(std::make_unique<Impl>(path_or_uri, mode)) {}
Database::~Database() = default;

std::int64_t Database::execute(std::string_view sql, Bindings values) {
  return impl_->run(sql, values, [](const Row&) { return true; });
}

std::int64_t Database::insert(std::string_view sql, Bindings values) {
  execute(sql, values);
  return impl_->last_key();
}

void Database::query(std::string_view sql, Bindings values, const Each& each) {
  impl_->run(sql, values, [&](const Row& row) {
    each(row);
    return true;
  });
}

bool Database::query_one(std::string_view sql, Bindings values, const Each& each) {
  bool found = false;
  impl_->run(sql, values, [&](const Row& row) {
    found = true;
    each(row);
    return false;
  });
  return found;
}

void Database::query_list(std::string_view sql, const std::vector<Value>& values, const Each& each) {
  impl_->run(sql, values, [&](const Row& row) {
    each(row);
    return true;
  });
}

std::optional<std::int64_t> Database::integer(std::string_view sql, Bindings values) {
  std::optional<std::int64_t> out;
  query_one(sql, values, [&](const Row& row) {
    if (!row.is_null(0)) out = row.integer(0);
  });
  return out;
}

void Database::script(const std::string& sql) { impl_->script(sql); }
bool Database::in_transaction() const { return impl_->in_transaction(); }
void Database::signal(std::string topic) { impl_->signals.push_back(std::move(topic)); }
std::vector<std::string> Database::take_signals() { return std::exchange(impl_->signals, {}); }

}  // namespace konekwa::store
