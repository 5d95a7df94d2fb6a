#pragma once

#include <arrow/record_batch.h>
#include <coreshed/error.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sources/ags_format.h"
#include "sources/ags_records.h"
#include "sources/input.h"

namespace coreshed::sources {

/// What a reader of one group has to know.
struct AgsGroupRows {
  std::string group;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::shared_ptr<const AgsFormat>> formats;  ///< by column; null: text
  std::vector<AgsRange> ranges;
  int64_t rows = 0;
  size_t fields_max = 0;  ///< of a row
};

/// The rows of one group, in the file's order. Readers of one file do not disturb each other.
class AgsReader : public arrow::RecordBatchReader {
 public:
  AgsReader(std::shared_ptr<InputFile> input, AgsGroupRows group, std::stop_token stop);

  std::shared_ptr<arrow::Schema> schema() const override { return group_.schema; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  using Builders = std::vector<std::unique_ptr<arrow::ArrayBuilder>>;

  Result<std::shared_ptr<arrow::RecordBatch>> Next();
  Result<bool> NextRecord(AgsRecord* record);
  Result<int64_t> Fill(Builders* builders);
  Result<int64_t> Append(const AgsRecord& record, Builders* builders) const;
  Error Changed() const;

  const std::shared_ptr<InputFile> input_;
  const AgsGroupRows group_;
  const std::stop_token stop_;
  size_t range_ = 0;                   ///< the next one
  std::optional<AgsRecords> records_;  ///< of the present one
  int64_t rows_read_ = 0;
  bool ended_ = false;
};

}  // namespace coreshed::sources
