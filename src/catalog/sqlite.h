#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace coreshed::catalog {

// Just enough of SQLite for one table. Failures are SQLite's primary result codes, never Errors:
// what they mean is decided once, in IndexFile.

/// A connection, closed at the end of its scope; an unfinished transaction is then rolled back.
class Database {
 public:
  Database() = default;
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// `flags`: SQLITE_OPEN_READWRITE and the like. `wait_ms`: how long to wait for others' locks.
  int Open(const std::string& path, int flags, int wait_ms);
  /// Run statements one after the other until one fails.
  int Execute(const char* sql);
  sqlite3* get() const { return connection_; }

 private:
  sqlite3* connection_ = nullptr;
};

/// One prepared statement.
class Statement {
 public:
  Statement(const Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// `bytes` must live until the next Reset. Places count from 1.
  void Bind(int place, std::string_view bytes);
  /// SQLITE_ROW, SQLITE_DONE or what failed, also while preparing.
  int Step();
  /// Step a statement that gives no rows and make it ready for the next values: SQLITE_OK or what
  /// failed.
  int Run();
  /// Of the row stepped to; columns count from 0. The bytes are gone with the next Step.
  std::string_view Bytes(int column) const;
  int64_t Number(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int prepared_;
};

}  // namespace coreshed::catalog
