#include "store/same_rows.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <coreshed/sources.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "parts/hash.h"

namespace coreshed::store {
namespace {

/// The rows of a reader that have not been looked at.
class RowsLeft {
 public:
  explicit RowsLeft(arrow::RecordBatchReader& reader) : reader_(reader) {}

  /// How many of them are at hand; 0: there are none.
  Result<int64_t> Count() {
    while (batch_ == nullptr || at_ == batch_->num_rows()) {
      at_ = 0;
      if (const auto status = reader_.ReadNext(&batch_); !status.ok()) return ErrorOf(status);
      if (batch_ == nullptr) return int64_t{0};
    }
    return batch_->num_rows() - at_;
  }
  Result<parts::Hash256> TakeHash(int64_t rows) {
    const auto slice = batch_->Slice(at_, rows);
    at_ += rows;
    return parts::ExactHash(*slice);
  }

 private:
  arrow::RecordBatchReader& reader_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  int64_t at_ = 0;
};

}  // namespace

Result<std::string> FindDifference(arrow::RecordBatchReader& one, arrow::RecordBatchReader& other,
                                   const std::stop_token& stop) {
  if (!one.schema()->Equals(*other.schema(), /*check_metadata=*/true)) {
    return std::string("the columns are not the same");
  }
  RowsLeft left(one), right(other);
  for (int64_t row = 0;;) {
    if (stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Stopped while rows were being compared."};
    }
    CORESHED_ASSIGN(const int64_t a, left.Count());
    CORESHED_ASSIGN(const int64_t b, right.Count());
    if (a == 0 && b == 0) return std::string();
    if (a == 0 || b == 0) return "only one of them has more than " + std::to_string(row) + " rows";
    const int64_t rows = std::min(a, b);
    CORESHED_ASSIGN(const auto hash, left.TakeHash(rows));
    CORESHED_ASSIGN(const auto expected, right.TakeHash(rows));
    if (hash != expected) {
      return "rows " + std::to_string(row + 1) + " to " + std::to_string(row + rows) +
             " are not the same";
    }
    row += rows;
  }
}

}  // namespace coreshed::store
