#pragma once

#include <coreshed/error.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace coreshed::parts {

/// A few threads for the time of one call, and the first error that any of them met. With fewer
/// than two threads every task runs at once in Run: for small tables, starting a thread is dear.
class WorkerPool {
 public:
  using Task = std::function<Result<void>()>;

  explicit WorkerPool(int threads);
  /// Waits for running tasks; drops those that have not begun.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int threads() const { return threads_; }

  /// Begin a task. Dropped once a task has failed.
  void Run(Task task);
  /// Take memory that the next task holds: waits until the tasks under way hold so little that all
  /// stay below the limit, or nothing at all.
  void Hold(int64_t bytes, int64_t bytes_max);
  /// Memory that a task held is free again.
  void GiveBack(int64_t bytes);
  /// Wait until all tasks have ended, those begun meanwhile too. The first error, if any.
  Result<void> Wait();
  /// Whether a task has failed.
  bool failed();

 private:
  void Work();
  void End(Result<void> result);

  const int threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  int64_t unfinished_ = 0;
  int64_t bytes_ = 0;
  bool stopping_ = false;
  std::optional<Error> error_;
  std::vector<std::thread> workers_;
};

}  // namespace coreshed::parts
