#include "storage/record_lock.h"

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/random.h"
#include "base/result.h"
#include "storage/etag.h"

namespace coreshed::storage {
namespace {

Error TimedOut(const std::string& path, std::chrono::milliseconds timeout) {
  const double seconds = std::chrono::duration<double>(timeout).count();
  std::string shown = std::to_string(seconds);
  shown.erase(std::max(shown.find_last_not_of('0'), shown.find('.')) + 1);
  if (shown.ends_with('.')) shown.pop_back();
  return Error{ErrorKind::kLockTimeout,
               "Another process held the lock on " + path + " for all of " + shown +
                   " seconds. Try again; if it stays so, look for a process that hangs "
                   "(lslocks shows it)."}
      .With("path", path)
      .With("seconds", shown);
}

}  // namespace

Result<RecordLock> RecordLock::Take(const LocalRoot& root, int folder, const std::string& path,
                                    std::chrono::milliseconds timeout) {
  using std::chrono::steady_clock;
  constexpr std::chrono::microseconds kLongestSleep(5000);
  const auto deadline = steady_clock::now() + timeout;
  std::chrono::microseconds sleep(50);
  while (root.calls->Flock(folder, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return IoError(errno, "Locking", path);
    if (steady_clock::now() >= deadline) return TimedOut(path, timeout);
    // Jitter keeps many waiters from asking in step.
    std::this_thread::sleep_for(
        sleep / 2 + std::chrono::microseconds(RandomBelow(static_cast<unsigned>(sleep.count()))));
    sleep = std::min(sleep * 2, kLongestSleep);
  }
  return RecordLock(root.calls.get(), folder);
}

RecordLock::~RecordLock() {
  if (folder_ >= 0) calls_->Flock(folder_, LOCK_UN);
}

Result<std::string> EtagOfMetadata(const LocalRoot& root, int folder, const std::string& path) {
  constexpr char kName[] = "metadata.json";
  auto opened = OpenForReading(root.calls, folder, kName, path + "/" + kName);
  if (!opened) {
    if (opened.error().kind == ErrorKind::kNotFound) return std::string();
    return std::move(opened).error();
  }
  CORESHED_ASSIGN(const std::string bytes, ReadAll(*opened, path + "/" + kName));
  return EtagOf(bytes);
}

}  // namespace coreshed::storage
