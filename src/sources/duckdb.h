#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sources/duckdb_api.h"

namespace coreshed::sources::duckdb {

/// The functions of libduckdb.so, which is loaded at the first call and stays.
///
/// Errors  kUnsupported   not found, or of another release; says where it was looked for
Result<const Api*> Load();

/// DuckDB's message as one of our errors: without its class and what it shows of the query.
/// `what` begins the sentence.
Error FromDuckDb(const char* message, const std::string& what, ErrorKind kind);

/// What a locked-in session may do.
struct SessionOptions {
  /// The only file it can read; empty: none.
  std::string readable_file;
  int threads = 1;
  int64_t memory_bytes = int64_t{512} << 20;  ///< a query that needs more fails
};

/// Some rows of a result, freed when they go.
class Chunk {
 public:
  Chunk() = default;
  Chunk(const Api* api, DataChunk chunk) : api_(api), chunk_(chunk) {}
  Chunk(Chunk&& other) noexcept : api_(other.api_), chunk_(std::exchange(other.chunk_, nullptr)) {}
  Chunk& operator=(Chunk&&) = delete;
  ~Chunk() {
    if (chunk_ != nullptr) api_->destroy_data_chunk(&chunk_);
  }

  /// False: the end of the result.
  explicit operator bool() const { return chunk_ != nullptr; }
  idx_t rows() const { return api_->data_chunk_get_size(chunk_); }
  Vector column(idx_t index) const { return api_->data_chunk_get_vector(chunk_, index); }

 private:
  const Api* api_ = nullptr;
  DataChunk chunk_ = nullptr;
};

/// The values of one column of a chunk, of the C++ type that DuckDB keeps them in.
template <typename T>
class Values {
 public:
  Values(const Api& api, Vector vector)
      : values_(static_cast<const T*>(api.vector_get_data(vector))),
        validity_(api.vector_get_validity(vector)) {}
  /// The same layout, not of DuckDB.
  Values(const T* values, const uint64_t* validity) : values_(values), validity_(validity) {}

  bool is_null(idx_t row) const {
    return validity_ != nullptr && ((validity_[row / 64] >> (row % 64)) & 1) == 0;
  }
  bool all_null(idx_t rows) const {
    if (validity_ == nullptr) return false;
    idx_t row = 0;
    while (row + 64 <= rows && validity_[row / 64] == 0)
      row += 64;
    while (row < rows && is_null(row))
      ++row;
    return row == rows;
  }
  const T& operator[](idx_t row) const { return values_[row]; }

 private:
  const T* values_;
  const uint64_t* validity_;
};

/// A result, freed when it goes.
class Rows {
 public:
  /// `running`: the connection on which a query still makes these rows.
  Rows(const Api* api, QueryResult result, Connection running = nullptr)
      : api_(api), result_(result), running_(running) {}
  Rows(Rows&& other) noexcept
      : api_(other.api_),
        result_(std::exchange(other.result_, QueryResult{})),
        running_(other.running_),
        ended_(other.ended_) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  /// The next rows; false at the end.
  Result<Chunk> Next();

 private:
  void EndQuery();

  const Api* api_;
  QueryResult result_;
  Connection running_;
  bool ended_ = false;
};

/// A statement, freed when it goes.
class Statement {
 public:
  Statement(const Api* api, Connection connection, Prepared prepared)
      : api_(api), connection_(connection), prepared_(prepared) {}
  Statement(Statement&& other) noexcept
      : api_(other.api_),
        connection_(other.connection_),
        prepared_(std::exchange(other.prepared_, nullptr)) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement() {
    if (prepared_ != nullptr) api_->destroy_prepare(&prepared_);
  }

  Prepared get() const { return prepared_; }
  Result<void> Bind(idx_t index, const std::string& text);
  Result<Rows> Execute();
  /// Rows are made as they are fetched.
  Result<Rows> Stream();

 private:
  const Api* api_;
  Connection connection_;
  Prepared prepared_;
};

/// An in-memory database with one connection that sees no network, loads no extension, opens no
/// file but the one it was given, and can't be told otherwise.
class Session {
 public:
  static Result<std::shared_ptr<Session>> Open(const SessionOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Api& api() const { return *api_; }
  Connection connection() const { return connection_; }

  Result<Statement> Prepare(const std::string& sql);
  Result<Rows> Query(const std::string& sql);

 private:
  explicit Session(const Api* api) : api_(api) {}
  Result<void> Configure(const SessionOptions& options);

  const Api* api_;
  Database database_ = nullptr;
  Connection connection_ = nullptr;
};

/// `text` as a string literal of SQL.
std::string Quote(const std::string& text);

}  // namespace coreshed::sources::duckdb
