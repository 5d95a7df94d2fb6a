#pragma once

#include <coreshed/error.h>

#include <utility>

#include "sources/csv_scan.h"
#include "sources/duckdb.h"
#include "sources/input.h"

namespace coreshed::sources {

/// The cells of a CSV file as DuckDB reads them: chunks of texts, in the file's order.
class CsvTexts {
 public:
  /// `na_is_null`: an unquoted NA is null, as an empty cell is.
  static Result<CsvTexts> Open(const InputFile& input, const CsvShape& shape,
                               duckdb::Session& session, bool na_is_null);

  /// The next rows; false at the end.
  Result<duckdb::Chunk> Next() { return rows_.Next(); }

 private:
  CsvTexts(duckdb::Statement statement, duckdb::Rows rows)
      : statement_(std::move(statement)), rows_(std::move(rows)) {}

  duckdb::Statement statement_;
  duckdb::Rows rows_;
};

}  // namespace coreshed::sources
