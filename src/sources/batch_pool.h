#pragma once

#include <arrow/memory_pool.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "sources/input.h"

namespace coreshed::sources {

/// Memory for a reader over a file from outside: each batch may take so much and no more, whatever
/// sizes the file claims. What is read keeps the pool alive, so that batches may outlive the
/// reader.
class BatchPool final : public arrow::MemoryPool {
 public:
  /// For a batch of this file: 1 GiB, and four times the file.
  static std::shared_ptr<BatchPool> For(const InputFile& input);

  /// What was read until now does not count any more.
  void BeginBatch() { most_ = bytes_allocated() + batch_bytes_; }
  /// Whether something was refused since the pool was made.
  bool has_refused() const { return has_refused_; }
  /// Whether the machine had no memory for what was within bounds.
  bool is_out() const { return is_out_; }
  int64_t batch_bytes() const { return batch_bytes_; }

  using arrow::MemoryPool::Allocate;
  using arrow::MemoryPool::Free;
  using arrow::MemoryPool::Reallocate;
  arrow::Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override;
  arrow::Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment,
                           uint8_t** bytes) override;
  void Free(uint8_t* buffer, int64_t size, int64_t alignment) override;
  void ReleaseUnused() override { pool_->ReleaseUnused(); }
  int64_t bytes_allocated() const override { return bytes_; }
  int64_t total_bytes_allocated() const override { return total_; }
  int64_t num_allocations() const override { return count_; }
  std::string backend_name() const override { return pool_->backend_name(); }

 private:
  explicit BatchPool(int64_t batch_bytes) : batch_bytes_(batch_bytes), most_(batch_bytes) {}
  arrow::Status Take(int64_t bytes);
  void Release();

  arrow::MemoryPool* const pool_ = arrow::default_memory_pool();
  const int64_t batch_bytes_;
  std::atomic<int64_t> most_, bytes_ = 0, total_ = 0, count_ = 0;
  std::atomic<int64_t> users_ = 1;  ///< its owners together, and each piece of memory
  std::atomic<bool> has_refused_ = false, is_out_ = false;
};

}  // namespace coreshed::sources
