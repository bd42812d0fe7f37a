// One SQLite connection with its prepared statements. Read-write inside DbWriter only (Debian's SQLite can corrupt a
// WAL that two writers reset), read-only everywhere else.
//
// A failing statement throws store::Failure; it ends in DbWriter (which rolls the batch back) or in Readers::read.
// A file can be open for writing once in a process: opening a second one throws, so a mistake shows at once.
// `file:/name?vfs=memdb` is a database in memory which every connection of the process with that name shares; it has
// no WAL, and is gone with its last connection.
// Not thread-safe: DbWriter's belongs to its thread, a reader's to whoever borrowed it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/bytes.h"
#include "common/time.h"

namespace konekwa::store {

// A bound value. Empty optionals are NULL; times are unix milliseconds; booleans are 0 and 1.
class Value {
 public:
  Value(std::nullptr_t) {}
  Value(std::int64_t v) : value(v) {}
  Value(int v) : value(static_cast<std::int64_t>(v)) {}
  Value(std::uint32_t v) : value(static_cast<std::int64_t>(v)) {}
  Value(std::size_t v) : value(static_cast<std::int64_t>(v)) {}
  Value(bool v) : value(static_cast<std::int64_t>(v)) {}
  Value(Time v) : value(unix_ms(v)) {}
  Value(std::string v) : value(std::move(v)) {}
  Value(std::string_view v) : value(std::string(v)) {}
  Value(const char* v) : value(std::string(v)) {}
  Value(Bytes v) : value(std::move(v)) {}
  Value(ByteView v) : value(to_bytes(v)) {}
  template <class T>
  Value(const std::optional<T>& v) {
    if (v) *this = Value(*v);
  }

  std::variant<std::monostate, std::int64_t, std::string, Bytes> value;
};

// The present row of a query. Columns count from 0. NULL reads as 0, "" or no octets.
class Row {
 public:
  explicit Row(void* statement) : statement_(statement) {}
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Bytes blob(int column) const;
  Time time(int column) const { return from_unix_ms(integer(column)); }
  std::optional<Time> optional_time(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  void* statement_;
};

struct Failure : std::runtime_error {
  enum class Kind { Constraint, Full, Broken, Other };  // Full: disk full or read-only; Broken: I/O error, corruption
  Failure(Kind k, const std::string& what) : std::runtime_error(what), kind(k) {}
  Kind kind;
};

class Database {
 public:
  enum class Mode { ReadWrite, ReadOnly };
  Database(const std::string& path_or_uri, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  using Bindings = std::initializer_list<Value>;
  using Each = std::function<void(const Row&)>;

  // Statements are cached by their text: pass literals, and bind what varies.
  std::int64_t execute(std::string_view sql, Bindings values = {});              // rows changed
  std::int64_t insert(std::string_view sql, Bindings values);                    // the new row's integer key
  void query(std::string_view sql, Bindings values, const Each& each);
  bool query_one(std::string_view sql, Bindings values, const Each& each);       // false: no row
  void query_list(std::string_view sql, const std::vector<Value>& values, const Each& each);  // for built filters
  std::optional<std::int64_t> integer(std::string_view sql, Bindings values = {});
  void script(const std::string& sql);                                           // several statements, no cache
  bool in_transaction() const;   // false after an error on which SQLite rolled everything back by itself

  // For a batch: something it wrote concerns others, who are told once the batch is durable (see DbWriter::listen).
  void signal(std::string topic);
  std::vector<std::string> take_signals();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::store
