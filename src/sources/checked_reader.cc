#include "sources/checked_reader.h"

#include <arrow/record_batch.h>

#include <utility>

#include "base/arrow_error.h"

namespace coreshed::sources {
namespace {

class CheckedReader : public arrow::RecordBatchReader {
 public:
  CheckedReader(std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> reader,
                std::string kind)
      : input_(std::move(input)), reader_(std::move(reader)), kind_(std::move(kind)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    auto status = reader_->ReadNext(batch);
    if (status.ok() && *batch != nullptr) status = (*batch)->ValidateFull();
    const bool at_end = status.ok() && *batch == nullptr;
    if (status.ok() && !at_end) return status;
    if (auto unchanged = input_->CheckUnchanged(); !unchanged) return ToArrow(unchanged.error());
    if (at_end) return status;
    batch->reset();
    if (status.IsNotImplemented() || status.IsOutOfMemory()) return status;
    return ToArrow(Error{ErrorKind::kValidation,
                         input_->label() + " is a damaged " + kind_ + ": " + status.message()}
                       .With("file", input_->label()));
  }

 private:
  std::shared_ptr<InputFile> input_;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::string kind_;
};

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> MakeChecked(
    std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> reader,
    std::string kind) {
  return std::make_shared<CheckedReader>(std::move(input), std::move(reader), std::move(kind));
}

}  // namespace coreshed::sources
