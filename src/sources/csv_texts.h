#pragma once

#include <coreshed/error.h>

#include <memory>
#include <optional>
#include <utility>

#include "sources/csv_scan.h"
#include "sources/csv_split.h"
#include "sources/duckdb.h"
#include "sources/input.h"

namespace coreshed::sources {

/// Some rows of texts.
class CsvChunk {
 public:
  explicit CsvChunk(std::unique_ptr<SplitRows> split) : split_(std::move(split)) {}
  CsvChunk(const duckdb::Api& api, duckdb::Chunk chunk) : api_(&api), chunk_(std::move(chunk)) {}

  /// False: the end of the file.
  explicit operator bool() const { return split_ != nullptr || static_cast<bool>(chunk_); }
  uint64_t rows() const { return split_ != nullptr ? split_->rows() : chunk_.rows(); }
  duckdb::Values<duckdb::String> column(size_t index) const {
    return split_ != nullptr ? split_->column(index)
                             : duckdb::Values<duckdb::String>(*api_, chunk_.column(index));
  }

 private:
  std::unique_ptr<SplitRows> split_;
  const duckdb::Api* api_ = nullptr;
  duckdb::Chunk chunk_;
};

/// The cells of a CSV file: chunks of texts, in the file's order.
class CsvTexts {
 public:
  /// `session`: of DuckDB, whose threads read; null: the file is split here. Only then NA may be
  /// null in some columns (`na`) and not in others.
  static Result<CsvTexts> Open(const InputFile& input, const CsvShape& shape,
                               duckdb::Session* session, const NaRule& na);

  /// The next rows; false at the end.
  Result<CsvChunk> Next();

 private:
  struct Query {
    const duckdb::Api* api;
    duckdb::Statement statement;
    duckdb::Rows rows;
  };
  explicit CsvTexts(Query query) : query_(std::move(query)) {}
  explicit CsvTexts(std::unique_ptr<CsvSplitter> splitter) : splitter_(std::move(splitter)) {}

  std::optional<Query> query_;
  std::unique_ptr<CsvSplitter> splitter_;
};

}  // namespace coreshed::sources
