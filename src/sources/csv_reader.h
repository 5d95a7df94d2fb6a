#pragma once

#include <arrow/record_batch.h>
#include <coreshed/error.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/csv.h"
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

/// How the cells of a column are read.
struct CsvColumn {
  std::shared_ptr<arrow::DataType> type;
  /// An unquoted NA is null though the column is text: nobody knows that it is, there are only NAs.
  bool na_is_null = false;
};

/// Each column's type: the one it must have, else from all its cells, but like that of an earlier
/// column where they allow it.
///
/// Errors  kValidation   a cell that the type which its column must have does not take
Result<std::vector<CsvColumn>> FindTypes(const InputFile& input, const CsvShape& shape,
                                         const CsvTypes& wanted, duckdb::Session& session);

/// The file as a table: its cells as the types say.
class CsvReader : public arrow::RecordBatchReader {
 public:
  CsvReader(std::shared_ptr<InputFile> input, std::shared_ptr<duckdb::Session> session,
            CsvShape shape, std::vector<CsvColumn> columns);

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  class Cells;

  Result<std::shared_ptr<arrow::RecordBatch>> Next();
  Result<int64_t> Fill(std::vector<Cells>* columns);
  Result<void> CheckEnd();
  Error Unreadable(Error error) const;

  std::shared_ptr<InputFile> input_;
  std::shared_ptr<duckdb::Session> session_;
  CsvShape shape_;
  std::vector<CsvColumn> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<CsvTexts> texts_;
  int64_t rows_read_ = 0;
  bool ended_ = false;
};

}  // namespace coreshed::sources
