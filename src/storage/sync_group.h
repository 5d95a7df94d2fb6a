#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "storage/system_calls.h"

namespace coreshed::storage {

/// Many commits at once share their syncs: each waits here where it would sync files and folders of
/// its own, and one sync of the whole file system serves all who wait. Thread-safe.
class SyncGroup {
 public:
  /// `folder`: an open one of the file system, opened for this group alone, since the kernel keeps
  /// for each opening which errors it has been told.
  SyncGroup(std::shared_ptr<SystemCalls> calls, Fd folder)
      : calls_(std::move(calls)), folder_(std::move(folder)) {}

  /// While it lives, its thread is one of those that a sync waits for.
  class Member {
   public:
    explicit Member(SyncGroup* group);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   private:
    SyncGroup* const group_;
  };

  /// All that this thread has done so far is durable at return. 0, or the error number; once that
  /// has been one it stays.
  int Sync();

 private:
  struct Round {
    int waiting = 0;
    bool has_leader = false, is_done = false;
    int error_number = 0;
  };

  const std::shared_ptr<SystemCalls> calls_;
  const Fd folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Round> round_ = std::make_shared<Round>();  ///< the one that is still joined
  int members_ = 0;
  int syncing_ = 0;  ///< members whose round is being synced
  /// Of a sync that failed: the kernel tells of lost bytes once, to whoever syncs next, which need
  /// not be those that wrote them. So nobody's are certain any more.
  int error_number_ = 0;
};

}  // namespace coreshed::storage
