#include "storage/turn.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/random.h"
#include "base/result.h"
#include "storage/local_files.h"

namespace coreshed::storage {
namespace {

using std::chrono::microseconds;

constexpr char kFolder[] = "versions";
/// Some tens of commits; whoever syncs gigabytes, or sleeps, is overtaken.
constexpr std::chrono::milliseconds kLongestWait(100);
constexpr microseconds kShortestSleep(50);
constexpr microseconds kLongestSleep(800);

}  // namespace

Turn::Turn(std::shared_ptr<SystemCalls> calls, int record, std::string path)
    : calls_(std::move(calls)), record_(record), path_(std::move(path)) {}

Result<void> Turn::OpenFolder() {
  if (folder_.is_open()) return {};
  folder_ = Fd(calls_, calls_->Open(record_, kFolder, O_RDONLY | O_DIRECTORY, 0));
  if (folder_.is_open() || errno == ENOENT) return {};
  return IoError(errno, "Opening", path_ + "/" + kFolder);
}

Result<void> Turn::Take(const std::function<Result<void>()>& meanwhile) {
  if (is_taken_) return {};
  CORESHED_TRY(OpenFolder());
  if (!folder_.is_open()) return {};
  const auto deadline = std::chrono::steady_clock::now() + kLongestWait;
  microseconds sleep = kShortestSleep;
  bool waits = false;
  while (calls_->TakeTurn(folder_.get()) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return IoError(errno, "Locking", path_ + "/" + kFolder);
    if (!std::exchange(waits, true)) {
      CORESHED_TRY(meanwhile());
      continue;
    }
    if (std::chrono::steady_clock::now() >= deadline) return {};
    // Jitter keeps many waiters from asking in step.
    std::this_thread::sleep_for(sleep / 2 +
                                microseconds(RandomBelow(static_cast<unsigned>(sleep.count()))));
    sleep = std::min(sleep * 2, kLongestSleep);
  }
  is_taken_ = true;
  return {};
}

// Never left to close: a child forked meanwhile holds a copy of the descriptor, and so the lock.
void Turn::Give() {
  if (std::exchange(is_taken_, false)) calls_->GiveTurn(folder_.get());
}

}  // namespace coreshed::storage
