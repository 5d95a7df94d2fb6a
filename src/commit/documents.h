#pragma once

#include <coreshed/error.h>

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "commit/document.h"
#include "storage/storage.h"

namespace coreshed::commit {

/// A record's metadata as read: what a commit is made against.
struct Base {
  std::shared_ptr<const RecordDocument> document;
  std::string etag;
  int64_t now_us = 0;  ///< the storage's clock at the answer
};

/// Reads metadata.json and keeps parsed documents while their bytes stay the same. Every call asks
/// the storage, so what it gives is never older than the call. Thread-safe.
class DocumentReader {
 public:
  explicit DocumentReader(std::shared_ptr<storage::Storage> storage)
      : storage_(std::move(storage)) {}

  /// Nothing: there is no metadata.json. kCorruption names the broken rule.
  Result<std::optional<Base>> Read(const std::string& record_id);
  /// The same, with the chain's tail checked: for writing on top of it.
  Result<std::optional<Base>> ReadForWriting(const std::string& record_id);
  /// Remember what a commit of ours made, so that nobody parses it again.
  void Remember(std::shared_ptr<const RecordDocument> document, std::string bytes);

 private:
  struct Kept {
    std::shared_ptr<const RecordDocument> document;
    std::string bytes;  ///< it is kept as long as the storage gives these
    bool chain_checked = false;
  };
  Result<std::optional<Base>> ReadAnd(const std::string& record_id, bool check_chain);
  std::shared_ptr<Kept> Find(const std::string& record_id, std::string_view bytes);
  void Keep(std::shared_ptr<Kept> kept);

  static constexpr size_t kKeptMax = 512;

  std::shared_ptr<storage::Storage> storage_;
  std::mutex mutex_;
  std::list<std::shared_ptr<Kept>> recent_;
  std::unordered_map<std::string, decltype(recent_)::iterator> by_id_;
};

}  // namespace coreshed::commit
