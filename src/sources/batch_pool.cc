#include "sources/batch_pool.h"

#include <arrow/status.h>

#include <algorithm>

namespace coreshed::sources {
namespace {

constexpr int64_t kLeast = int64_t{1} << 30;
constexpr int64_t kTimesFile = 4;

}  // namespace

std::shared_ptr<BatchPool> BatchPool::For(const InputFile& input) {
  const int64_t size = std::min(input.size(), INT64_MAX / kTimesFile / 2);
  return {new BatchPool(kLeast + kTimesFile * size), [](BatchPool* pool) { pool->Release(); }};
}

arrow::Status BatchPool::Allocate(int64_t size, int64_t alignment, uint8_t** out) {
  ARROW_RETURN_NOT_OK(Take(size));
  if (auto status = pool_->Allocate(size, alignment, out); !status.ok()) {
    bytes_ -= size;
    is_out_ = true;
    return status;
  }
  ++users_;
  return arrow::Status::OK();
}

arrow::Status BatchPool::Reallocate(int64_t old_size, int64_t new_size, int64_t alignment,
                                    uint8_t** bytes) {
  ARROW_RETURN_NOT_OK(Take(new_size - old_size));
  auto status = pool_->Reallocate(old_size, new_size, alignment, bytes);
  if (!status.ok()) {
    bytes_ -= new_size - old_size;
    is_out_ = true;
  }
  return status;
}

void BatchPool::Free(uint8_t* buffer, int64_t size, int64_t alignment) {
  pool_->Free(buffer, size, alignment);
  bytes_ -= size;
  Release();
}

arrow::Status BatchPool::Take(int64_t bytes) {
  ++count_;
  const bool is_too_much = bytes > batch_bytes_;  // added up it might be beyond all numbers
  const int64_t now = is_too_much ? bytes_.load() : bytes_ += bytes;
  if (bytes <= 0) return arrow::Status::OK();
  if (is_too_much || now > most_) {
    if (!is_too_much) bytes_ -= bytes;
    has_refused_ = true;
    return arrow::Status::OutOfMemory("a batch takes more than ", batch_bytes_, " bytes of memory");
  }
  total_ += bytes;
  return arrow::Status::OK();
}

void BatchPool::Release() {
  if (--users_ == 0) delete this;
}

}  // namespace coreshed::sources
