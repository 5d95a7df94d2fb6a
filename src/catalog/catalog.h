#pragma once

#include <coreshed/error.h>
#include <coreshed/options.h>
#include <coreshed/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/storage.h"

namespace coreshed::catalog {

/// What the index holds of one record: everything that lists and filters look at.
/// Loads the truth: the record's metadata.json. A record that is deleted or void: nothing.
/// A record that can't be read comes with `corrupt` set.
using LoadRecord = std::function<Result<std::optional<RecordInfo>>(const std::string& record_id)>;

/// An index over the records of one store: derived data that may be deleted at any time and never
/// gives a wrong answer, since every question first sweeps the records' stamps
/// (storage::Storage::SweepRecords) and loads those that changed. Thread-safe.
class Catalog {
 public:
  virtual ~Catalog() = default;
  /// `file`: where the index is kept between processes; empty or not writable: in memory only.
  static std::unique_ptr<Catalog> Open(std::shared_ptr<storage::Storage> storage, LoadRecord load,
                                       const std::string& file);

  /// Records by condition, sorted by id (bytes of UTF-8).
  virtual Result<std::vector<RecordInfo>> List(const ListOptions& options) = 0;
  /// Records that have changed since `place`, which an earlier answer gave, sorted by id: each at
  /// least once. All of them where the place is none of this index. What can't be read is named
  /// each time.
  virtual Result<RecordChanges> ChangesSince(const std::string& place) = 0;
  /// Forget what the file holds of a record, of which something was erased.
  virtual void Forget(const std::string& record_id) = 0;
  /// Forget all, and remove the file: the next question looks at every record.
  virtual void Rebuild() = 0;
  /// Ids that look like `record_id`, nearest first, for a message; at most `most`. Does not sweep
  /// more than once and gives up quietly.
  virtual std::vector<std::string> Nearest(const std::string& record_id, size_t most) = 0;
};

/// Where an index of this store is kept: below the user's cache folder; empty if there is none.
std::string DefaultIndexFile(const std::string& store_id);

/// Forget records in every index file of this user whose name begins with `prefix`: those of
/// a store's copies, and of places where it lay before.
void ForgetInFiles(const std::string& prefix, const std::vector<std::string>& record_ids);

}  // namespace coreshed::catalog
