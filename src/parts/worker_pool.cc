#include "parts/worker_pool.h"

#include <exception>
#include <utility>

namespace coreshed::parts {
namespace {

/// What throws below us (memory that is not there) ends as an error like any other.
Result<void> RunTask(const WorkerPool::Task& task) {
  try {
    return task();
  } catch (const std::exception& error) {
    return Error{ErrorKind::kIo, std::string("out of memory or worse: ") + error.what()};
  }
}

}  // namespace

WorkerPool::WorkerPool(int threads) : threads_(threads) {
  for (int i = 0; threads > 1 && i < threads; ++i)
    workers_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& worker : workers_)
    worker.join();
}

void WorkerPool::Run(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    ++unfinished_;
    if (!workers_.empty()) tasks_.push_back(std::exchange(task, nullptr));
  }
  if (task != nullptr) {
    End(RunTask(task));
  } else {
    changed_.notify_all();
  }
}

void WorkerPool::Hold(int64_t bytes, int64_t bytes_max) {
  std::unique_lock lock(mutex_);
  // Whatever holds memory runs or waits to be run, so this ends.
  changed_.wait(lock, [&] { return bytes_ == 0 || bytes_ + bytes <= bytes_max || error_; });
  bytes_ += bytes;
}

void WorkerPool::GiveBack(int64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    bytes_ -= bytes;
  }
  changed_.notify_all();
}

Result<void> WorkerPool::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return unfinished_ == 0; });
  if (error_) return *error_;
  return {};
}

bool WorkerPool::failed() {
  const std::lock_guard lock(mutex_);
  return error_.has_value();
}

void WorkerPool::End(Result<void> result) {
  {
    const std::lock_guard lock(mutex_);
    --unfinished_;
    if (!result && !error_) {
      error_ = std::move(result).error();
      unfinished_ -= static_cast<int64_t>(tasks_.size());
      tasks_.clear();
    }
  }
  changed_.notify_all();
}

void WorkerPool::Work() {
  while (true) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
      if (stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    auto result = RunTask(task);
    task = nullptr;
    End(std::move(result));
  }
}

}  // namespace coreshed::parts
