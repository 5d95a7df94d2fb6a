#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "storage/local_files.h"

namespace coreshed::storage {

/// The lock of a record's folder, under which its metadata.json is compared and replaced
/// (spec/commit.md, "Local disks"). Nothing that takes its time is done while it is held.
class RecordLock {
 public:
  /// Wait for it. `folder`: the record's, open; `path`: the same for messages.
  ///
  /// Errors  kLockTimeout, kIo
  static Result<RecordLock> Take(const LocalRoot& root, int folder, const std::string& path,
                                 std::chrono::milliseconds timeout);
  RecordLock(RecordLock&& other) noexcept
      : calls_(other.calls_), folder_(std::exchange(other.folder_, -1)) {}
  RecordLock& operator=(RecordLock&&) = delete;
  /// Never left to closing: a child forked meanwhile holds a copy of the descriptor, and so the
  /// lock.
  ~RecordLock();

 private:
  RecordLock(SystemCalls* calls, int folder) : calls_(calls), folder_(folder) {}

  SystemCalls* calls_;
  int folder_;
};

/// The etag of the metadata.json in an open folder; empty: there is none.
Result<std::string> EtagOfMetadata(const LocalRoot& root, int folder, const std::string& path);

}  // namespace coreshed::storage
