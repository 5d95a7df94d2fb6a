#include "sources/later_reader.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>

#include "base/arrow_error.h"

namespace coreshed::sources {
namespace {

class BegunReader : public arrow::RecordBatchReader {
 public:
  BegunReader(arrow::RecordBatchVector begun, std::shared_ptr<arrow::RecordBatchReader> rows)
      : begun_(std::move(begun)), rows_(std::move(rows)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return rows_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (next_ == begun_.size()) return rows_->ReadNext(batch);
    *batch = std::move(begun_[next_++]);
    return arrow::Status::OK();
  }

 private:
  arrow::RecordBatchVector begun_;
  size_t next_ = 0;
  const std::shared_ptr<arrow::RecordBatchReader> rows_;
};

class LaterReader : public arrow::RecordBatchReader {
 public:
  LaterReader(std::shared_ptr<arrow::Schema> schema, OpenRows open)
      : schema_(std::move(schema)), open_(std::move(open)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (ended_) return arrow::Status::OK();
    if (rows_ == nullptr) {
      auto opened = open_();
      if (!opened) return ToArrow(opened.error());
      rows_ = *std::move(opened);
      if (!rows_->schema()->Equals(*schema_)) {
        return arrow::Status::Invalid("opened again, a table has other columns");
      }
    }
    const auto status = rows_->ReadNext(batch);
    ended_ = status.ok() && *batch == nullptr;
    if (ended_) rows_.reset();
    return status;
  }

 private:
  const std::shared_ptr<arrow::Schema> schema_;
  const OpenRows open_;
  std::shared_ptr<arrow::RecordBatchReader> rows_;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> MakeBegunReader(
    std::vector<std::shared_ptr<arrow::RecordBatch>> begun,
    std::shared_ptr<arrow::RecordBatchReader> rows) {
  return std::make_shared<BegunReader>(std::move(begun), std::move(rows));
}

std::shared_ptr<arrow::RecordBatchReader> MakeLaterReader(std::shared_ptr<arrow::Schema> schema,
                                                          OpenRows open) {
  return std::make_shared<LaterReader>(std::move(schema), std::move(open));
}

}  // namespace coreshed::sources
