#include "store/table_cache.h"

#include <arrow/table.h>
#include <arrow/util/byte_size.h>

namespace coreshed::store {

std::shared_ptr<arrow::Table> TableCache::Find(const std::string& key) {
  std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return recent_.front().table;
}

void TableCache::Keep(const std::string& key, std::shared_ptr<arrow::Table> table) {
  const int64_t bytes = arrow::util::TotalBufferSize(*table);
  if (bytes > bytes_max_ / 2) return;  // one table must not drive out everything else
  std::lock_guard lock(mutex_);
  if (by_key_.contains(key)) return;
  recent_.push_front({key, std::move(table), bytes});
  by_key_[key] = recent_.begin();
  bytes_ += bytes;
  while (bytes_ > bytes_max_) {
    bytes_ -= recent_.back().bytes;
    by_key_.erase(recent_.back().key);
    recent_.pop_back();
  }
}

void TableCache::Clear() {
  std::lock_guard lock(mutex_);
  recent_.clear();
  by_key_.clear();
  bytes_ = 0;
}

}  // namespace coreshed::store
