#pragma once

#include <arrow/record_batch.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "sources/excel_columns.h"
#include "sources/excel_sheet.h"
#include "sources/excel_workbook.h"
#include "sources/input.h"

namespace coreshed::sources {

/// A sheet as a table: the rows below its header, as the types of the columns say.
class ExcelReader : public arrow::RecordBatchReader {
 public:
  /// `types`: one for each column.
  ExcelReader(std::shared_ptr<InputFile> input, std::shared_ptr<const ExcelWorkbook> workbook,
              const ExcelSheetEntry& sheet, ExcelTable table,
              std::vector<std::shared_ptr<const ExcelType>> types);
  ~ExcelReader() override;

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> Next();
  Result<void> Append(const ExcelRow& row);

  std::shared_ptr<InputFile> input_;
  std::unique_ptr<ExcelSheet> sheet_;
  ExcelTable table_;
  std::vector<std::shared_ptr<const ExcelType>> types_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  int64_t rows_ = 0, text_bytes_ = 0;  ///< of the batch that is made
  bool ended_ = false;
};

}  // namespace coreshed::sources
