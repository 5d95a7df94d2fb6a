#include "storage/sync_group.h"

#include <cerrno>
#include <chrono>
#include <utility>

namespace coreshed::storage {
namespace {

/// How long the first who waits is willing to wait for more: a sync takes as long.
constexpr std::chrono::milliseconds kPatience(4);

}  // namespace

SyncGroup::Member::Member(SyncGroup* group) : group_(group) {
  const std::lock_guard lock(group_->mutex_);
  ++group_->members_;
}

SyncGroup::Member::~Member() {
  const std::lock_guard lock(group_->mutex_);
  --group_->members_;
  group_->changed_.notify_all();
}

int SyncGroup::Sync() {
  std::unique_lock lock(mutex_);
  const auto round = round_;
  ++round->waiting;
  changed_.notify_all();
  if (round->has_leader) {
    changed_.wait(lock, [&] { return round->is_done; });
    return round->error_number;
  }
  round->has_leader = true;
  // Until everybody is here, or an earlier round has been synced and nobody has come for a while.
  const auto all_are_here = [&] { return round->waiting + syncing_ >= members_; };
  changed_.wait_for(lock, kPatience, all_are_here);
  changed_.wait(lock, [&] { return syncing_ == 0; });
  round_ = std::make_shared<Round>();
  syncing_ = round->waiting;
  lock.unlock();
  const int error_number = calls_->SyncFileSystem(folder_.get()) == 0 ? 0 : errno;
  lock.lock();
  syncing_ = 0;
  if (error_number_ == 0) error_number_ = error_number;
  round->error_number = error_number_;
  round->is_done = true;
  changed_.notify_all();
  return round->error_number;
}

}  // namespace coreshed::storage
