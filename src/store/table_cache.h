#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace coreshed::store {

/// Decoded tables, the newest used first, within a bound of bytes. What is cached never changes
/// (versions are immutable), so it needs no checking. Thread-safe.
class TableCache {
 public:
  explicit TableCache(int64_t bytes_max) : bytes_max_(bytes_max) {}

  std::shared_ptr<arrow::Table> Find(const std::string& key);
  void Keep(const std::string& key, std::shared_ptr<arrow::Table> table);
  void Clear();

 private:
  struct Item {
    std::string key;
    std::shared_ptr<arrow::Table> table;
    int64_t bytes;
  };
  const int64_t bytes_max_;
  std::mutex mutex_;
  int64_t bytes_ = 0;
  std::list<Item> recent_;
  std::unordered_map<std::string, std::list<Item>::iterator> by_key_;
};

}  // namespace coreshed::store
