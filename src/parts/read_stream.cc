#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/read.h"
#include "parts/row_bytes.h"
#include "parts/table_source.h"
#include "parts/worker_pool.h"

namespace coreshed::parts {
namespace {

/// Gives a table part by part, and decodes those that follow meanwhile. What is decoded ahead is
/// bounded in bytes, as well as they can be told from the parts before.
class PartStream : public arrow::RecordBatchReader {
 public:
  PartStream(std::shared_ptr<const TableSource> source, std::shared_ptr<storage::Storage> storage,
             const ReadRequest& request)
      : storage_(std::move(storage)),
        source_(std::move(source)),
        memory_bytes_(request.memory_bytes),
        pool_(source_->places().size() > 1 ? request.threads : 1) {}

  std::shared_ptr<arrow::Schema> schema() const override { return source_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  using Slot = std::optional<Result<std::shared_ptr<arrow::RecordBatch>>>;
  void ReadAhead();
  void Announce();
  void Finish(Slot& slot, Result<std::shared_ptr<arrow::RecordBatch>> part);

  const std::shared_ptr<storage::Storage> storage_;
  const std::shared_ptr<const TableSource> source_;
  const int64_t memory_bytes_;
  size_t begun_ = 0;
  size_t announced_ = 0;
  double row_bytes_max_ = 0;  ///< of the parts seen so far
  std::mutex mutex_;
  std::condition_variable finished_;
  std::deque<Slot> slots_;  ///< of the parts begun and not yet given
  WorkerPool pool_;         ///< last: it ends first
};

/// Tell the storage what comes, in large pieces: while less than half of that is left.
void PartStream::Announce() {
  constexpr int64_t kAnnouncedBytes = int64_t{32} << 20;
  const auto& places = source_->places();
  const int64_t bytes_max = std::min(kAnnouncedBytes, memory_bytes_ / 4);
  int64_t bytes = 0;
  for (size_t i = begun_; i < announced_; ++i)
    bytes += source_->size_bytes(places[i]);
  if (bytes > bytes_max / 2) return;
  const size_t first = std::max(begun_, announced_);
  size_t end = first;
  while (end < places.size() && (end == first || bytes < bytes_max))
    bytes += source_->size_bytes(places[end++]);
  if (end > first) source_->WillRead(std::span(places).subspan(first, end - first));
  announced_ = end;
}

/// Begin to read the parts that follow, as many as fit.
void PartStream::ReadAhead() {
  Announce();
  const auto& places = source_->places();
  double bytes = 0;
  for (size_t i = begun_ - slots_.size(); i < begun_; ++i) {
    bytes += row_bytes_max_ * static_cast<double>(source_->rows(places[i]));
  }
  const size_t slots_max = pool_.threads() > 1 ? static_cast<size_t>(pool_.threads()) + 2 : 1;
  while (begun_ < places.size() && slots_.size() < slots_max) {
    bytes += row_bytes_max_ * static_cast<double>(source_->rows(places[begun_]));
    if (!slots_.empty() && (row_bytes_max_ == 0 || bytes > static_cast<double>(memory_bytes_))) {
      return;
    }
    slots_.emplace_back();
    pool_.Run([this, slot = &slots_.back(), place = places[begun_]]() -> Result<void> {
      Finish(*slot, source_->ReadPart(place));
      return {};
    });
    ++begun_;
  }
}

void PartStream::Finish(Slot& slot, Result<std::shared_ptr<arrow::RecordBatch>> part) {
  {
    const std::lock_guard lock(mutex_);
    slot.emplace(std::move(part));
  }
  finished_.notify_one();
}

arrow::Status PartStream::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  *batch = nullptr;
  ReadAhead();
  if (slots_.empty()) return arrow::Status::OK();
  {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [&] { return slots_.front().has_value(); });
  }
  auto part = std::move(*slots_.front());
  slots_.pop_front();
  if (!part) return ToArrow(part.error());
  *batch = std::move(part).value();
  const double bytes = static_cast<double>(RowBytesMax(**batch, 0, (*batch)->num_rows()));
  row_bytes_max_ =
      std::max({row_bytes_max_, 1.0, bytes / static_cast<double>((*batch)->num_rows())});
  ReadAhead();
  return arrow::Status::OK();
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatchReader>> ReadStream(
    const ReadRequest& request, std::shared_ptr<storage::Storage> storage) {
  CORESHED_ASSIGN(auto source, TableSource::Open(request, *storage));
  return std::shared_ptr<arrow::RecordBatchReader>(
      std::make_shared<PartStream>(std::move(source), std::move(storage), request));
}

}  // namespace coreshed::parts
