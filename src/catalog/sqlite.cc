#include "catalog/sqlite.h"

namespace coreshed::catalog {

Database::~Database() {
  sqlite3_close(connection_);
}

int Database::Open(const std::string& path, int flags, int wait_ms) {
  // Each connection here is used by one thread: its own mutex would only cost.
  const int code =
      sqlite3_open_v2(path.c_str(), &connection_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code == SQLITE_OK) sqlite3_busy_timeout(connection_, wait_ms);
  return code & 0xFF;
}

int Database::Execute(const char* sql) {
  return sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) & 0xFF;
}

Statement::Statement(const Database& database, const char* sql)
    : prepared_(sqlite3_prepare_v2(database.get(), sql, -1, &statement_, nullptr) & 0xFF) {}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::Bind(int place, std::string_view bytes) {
  // No address at all would be NULL, not an empty blob.
  sqlite3_bind_blob64(statement_, place, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
}

int Statement::Step() {
  return prepared_ == SQLITE_OK ? sqlite3_step(statement_) & 0xFF : prepared_;
}

int Statement::Run() {
  const int code = Step();
  sqlite3_reset(statement_);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

std::string_view Statement::Bytes(int column) const {
  // In this order: the call for the blob may convert it and change its size.
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

}  // namespace coreshed::catalog
