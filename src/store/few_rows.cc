#include "store/few_rows.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <deque>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/row_bytes.h"

namespace coreshed::store {
namespace {

constexpr int64_t kFewBytes = int64_t{8} << 20;

/// Batches that were read already, then the rest.
class ReaderWithFirst : public arrow::RecordBatchReader {
 public:
  ReaderWithFirst(arrow::RecordBatchVector first, std::shared_ptr<arrow::RecordBatchReader> rest)
      : first_(first.begin(), first.end()), rest_(std::move(rest)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return rest_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (first_.empty()) return rest_->ReadNext(batch);
    *batch = std::move(first_.front());
    first_.pop_front();
    return arrow::Status::OK();
  }
  arrow::Status Close() override { return rest_->Close(); }

 private:
  std::deque<std::shared_ptr<arrow::RecordBatch>> first_;
  const std::shared_ptr<arrow::RecordBatchReader> rest_;
};

}  // namespace

Result<void> CollectIfFew(std::shared_ptr<arrow::RecordBatchReader>* reader,
                          std::shared_ptr<arrow::Table>* table) {
  if (*reader == nullptr) return {};
  const auto schema = (*reader)->schema();
  arrow::RecordBatchVector first;
  int64_t cells = 0;
  bool is_alike = true;  // else whoever writes them says what is wrong
  int64_t bytes = 0;
  while (cells <= kFewCells && bytes <= kFewBytes && is_alike) {
    std::shared_ptr<arrow::RecordBatch> batch;
    CORESHED_ARROW_TRY((*reader)->ReadNext(&batch), "reading the rows to write");
    if (batch == nullptr) {
      CORESHED_ARROW_ASSIGN(*table, arrow::Table::FromRecordBatches(schema, std::move(first)),
                            "reading the rows to write");
      *reader = nullptr;
      return {};
    }
    is_alike = batch->schema()->Equals(*schema, /*check_metadata=*/false);
    if (batch->num_rows() == 0) continue;
    cells += batch->num_rows() * batch->num_columns();
    if (is_alike) bytes += parts::RowBytesMax(*batch, 0, batch->num_rows());
    first.push_back(std::move(batch));
  }
  *reader = std::make_shared<ReaderWithFirst>(std::move(first), std::move(*reader));
  return {};
}

}  // namespace coreshed::store
