#include "sources/checked_reader.h"

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/arrow_error.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kRowsMax = INT32_MAX;
constexpr int64_t kRatioMax = 1'000'000;

class CheckedReader : public arrow::RecordBatchReader {
 public:
  CheckedReader(std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> reader,
                std::shared_ptr<BatchPool> pool, std::string kind, const FileLimits& limits)
      : input_(std::move(input)),
        pool_(std::move(pool)),
        reader_(std::move(reader)),
        kind_(std::move(kind)),
        bytes_max_(
            std::max(limits.unpacked_bytes, input_->size() * std::min(limits.ratio, kRatioMax))) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (bytes_ > bytes_max_) return ToArrow(UnpacksToTooMuch());
    pool_->BeginBatch();
    auto status = reader_->ReadNext(batch);
    if (status.ok() && *batch != nullptr) status = Check(**batch);
    const bool at_end = status.ok() && *batch == nullptr;
    if (status.ok() && !at_end) {
      bytes_ += arrow::util::TotalBufferSize(**batch);
      return status;
    }
    if (auto unchanged = input_->CheckUnchanged(); !unchanged) return ToArrow(unchanged.error());
    if (at_end) return status;
    batch->reset();
    if (pool_->has_refused()) return ToArrow(TakesTooMuch());
    // Sizes that no memory could have are refused by Arrow, before it asks for any.
    const bool is_out = status.IsOutOfMemory() && pool_->is_out();
    if (status.IsNotImplemented() || is_out) return status;
    return ToArrow(Error{ErrorKind::kValidation,
                         input_->label() + " is a damaged " + kind_ + ": " + status.message()}
                       .With("file", input_->label()));
  }

 private:
  static arrow::Status Check(const arrow::RecordBatch& batch) {
    // Rows without values take no bytes: nothing else bounds how many a file says it has.
    if (batch.num_rows() > kRowsMax) {
      return arrow::Status::Invalid("a batch of ", batch.num_rows(), " rows, and at most ",
                                    kRowsMax, " can be");
    }
    return batch.ValidateFull();
  }

  Error TakesTooMuch() const {
    return Error{
        ErrorKind::kValidation,
        input_->label() + " has a batch that takes more than " +
            std::to_string(pool_->batch_bytes()) +
            " bytes of memory. Is it damaged? Else write it as an Arrow file in smaller batches."}
        .With("file", input_->label());
  }

  /// A few bytes can stand for a text in any number of rows.
  Error UnpacksToTooMuch() const {
    return Error{ErrorKind::kValidation,
                 input_->label() + " unpacks to more than " + std::to_string(bytes_max_) +
                     " bytes, the limit for its size: it may be made to keep machines busy. Split "
                     "it."}
        .With("file", input_->label())
        .With("limit", "unpacked_bytes");
  }

  std::shared_ptr<InputFile> input_;
  std::shared_ptr<BatchPool> pool_;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::string kind_;
  const int64_t bytes_max_;
  int64_t bytes_ = 0;
};

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> MakeChecked(
    std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> reader,
    std::shared_ptr<BatchPool> pool, std::string kind, const FileLimits& limits) {
  return std::make_shared<CheckedReader>(std::move(input), std::move(reader), std::move(pool),
                                         std::move(kind), limits);
}

}  // namespace coreshed::sources
