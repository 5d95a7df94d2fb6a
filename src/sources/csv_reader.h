#pragma once

#include <arrow/record_batch.h>
#include <coreshed/error.h>

#include <memory>
#include <optional>
#include <vector>

#include "sources/csv_columns.h"
#include "sources/csv_scan.h"
#include "sources/csv_texts.h"
#include "sources/duckdb.h"
#include "sources/input.h"

namespace coreshed::sources {

/// The file as a table: its cells as the types say.
class CsvReader : public arrow::RecordBatchReader {
 public:
  /// `session`: null where the file is split without DuckDB.
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
  std::vector<int64_t> text_bytes_;  ///< that were read of each column
  bool ended_ = false;
};

}  // namespace coreshed::sources
