#include "parts/row_source.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/kept_dictionaries.h"
#include "parts/row_bytes.h"

namespace coreshed::parts {
namespace {

/// A look at the first rows ends here too: they may be wide.
constexpr int64_t kPeekBytes = int64_t{32} << 20;

}  // namespace

Result<RowSource> RowSource::Open(const WriteRequest& request) {
  RowSource source;
  source.table_ = request.table;
  source.reader_ = request.reader;
  if (source.table_ != nullptr) {
    CORESHED_ARROW_TRY(source.table_->Validate(), "the table to write");
    source.reader_ = std::make_shared<arrow::TableBatchReader>(*source.table_);
    source.rows_ = source.table_->num_rows();
  }
  source.schema_ = WithoutDictionaries(source.reader_->schema());
  return source;
}

Result<std::shared_ptr<arrow::RecordBatch>> RowSource::Fetch() {
  std::shared_ptr<arrow::RecordBatch> batch;
  do {
    CORESHED_ARROW_TRY(reader_->ReadNext(&batch), "reading the rows to write");
  } while (batch != nullptr && batch->num_rows() == 0);
  if (batch == nullptr || table_ != nullptr) return batch;
  if (!batch->schema()->Equals(*schema_, /*check_metadata=*/false)) {
    return Error{ErrorKind::kValidation, "the rows to write change their columns in midstream"};
  }
  CORESHED_ARROW_TRY(batch->Validate(), "the rows to write");
  return batch;
}

Result<std::vector<std::shared_ptr<arrow::RecordBatch>>> RowSource::Peek(int64_t rows) {
  int64_t seen = 0, bytes = 0;
  for (const auto& batch : peeked_)
    seen += batch->num_rows();
  while (seen < rows && bytes < kPeekBytes) {
    CORESHED_ASSIGN(auto batch, Fetch());
    if (batch == nullptr) break;
    seen += batch->num_rows();
    bytes += MemoryBytes(*batch);
    peeked_.push_back(std::move(batch));
  }
  std::vector<std::shared_ptr<arrow::RecordBatch>> first(peeked_.begin(), peeked_.end());
  for (int64_t left = rows; auto& batch : first) {
    batch = batch->Slice(0, left);
    left -= batch->num_rows();
  }
  return first;
}

Result<std::shared_ptr<arrow::RecordBatch>> RowSource::Next() {
  if (peeked_.empty()) return Fetch();
  auto batch = std::move(peeked_.front());
  peeked_.pop_front();
  return batch;
}

}  // namespace coreshed::parts
