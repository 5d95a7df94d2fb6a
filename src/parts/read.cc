#include "parts/read.h"

#include <arrow/chunked_array.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/table_source.h"

namespace coreshed::parts {

Result<std::shared_ptr<arrow::Table>> ReadTable(const ReadRequest& request,
                                                storage::Storage& storage) {
  CORESHED_ASSIGN(auto source, TableSource::Open(request, storage));
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (const auto& place : source->places()) {
    CORESHED_ASSIGN(auto batch, source->ReadPart(place));
    batches.push_back(std::move(batch));
  }
  CORESHED_ARROW_ASSIGN(auto table, arrow::Table::FromRecordBatches(source->schema(), batches), "reading a table");
  return table;
}

namespace {
class PartStream : public arrow::RecordBatchReader {
 public:
  PartStream(std::shared_ptr<TableSource> source, std::shared_ptr<storage::Storage> storage)
      : source_(std::move(source)), storage_(std::move(storage)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return source_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    *batch = nullptr;
    if (next_ == source_->places().size()) return arrow::Status::OK();
    auto read = source_->ReadPart(source_->places()[next_++]);
    if (!read) return ToArrow(read.error());
    *batch = std::move(read).value();
    return arrow::Status::OK();
  }

 private:
  std::shared_ptr<TableSource> source_;
  std::shared_ptr<storage::Storage> storage_;
  size_t next_ = 0;
};
}  // namespace

Result<std::shared_ptr<arrow::RecordBatchReader>> ReadStream(
    const ReadRequest& request, std::shared_ptr<storage::Storage> storage) {
  CORESHED_ASSIGN(auto source, TableSource::Open(request, *storage));
  return std::shared_ptr<arrow::RecordBatchReader>(
      std::make_shared<PartStream>(std::move(source), std::move(storage)));
}

}  // namespace coreshed::parts
