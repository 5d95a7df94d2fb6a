#pragma once

#include <arrow/record_batch.h>
#include <coreshed/error.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/csv_scan.h"
#include "sources/csv_types.h"
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

/// Each column's type, from all its cells; that of the column of the same name in `like` (may be
/// null) where they allow it.
Result<std::vector<CsvType>> FindTypes(const InputFile& input, const CsvShape& shape,
                                       const arrow::Schema* like, duckdb::Session& session);

/// The file as a table: its cells as the types say.
class CsvReader : public arrow::RecordBatchReader {
 public:
  CsvReader(std::shared_ptr<InputFile> input, std::shared_ptr<duckdb::Session> session,
            CsvShape shape, std::vector<CsvType> types);

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  class Column;

  Result<std::shared_ptr<arrow::RecordBatch>> Next();
  Result<int64_t> Fill(std::vector<Column>* columns);
  Result<void> CheckEnd();
  Error Unreadable(Error error) const;

  std::shared_ptr<InputFile> input_;
  std::shared_ptr<duckdb::Session> session_;
  CsvShape shape_;
  std::vector<CsvType> types_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<CsvTexts> texts_;
  int64_t rows_read_ = 0;
  bool ended_ = false;
};

}  // namespace coreshed::sources
