#pragma once

#include <condition_variable>
#include <mutex>
#include <random>
#include <vector>

namespace coreshed {

/// Lets one of several threads run at a time. Which one goes on, after every step, is drawn from a
/// seed, so that a seed gives the same order of steps again. Now and then one falls asleep for a
/// long time.
class Scheduler {
 public:
  Scheduler(size_t threads, unsigned seed) : random_(seed), threads_(threads) {}

  /// Called by each thread first: waits until all are there and it is chosen.
  void Begin(size_t me) {
    std::unique_lock lock(mutex_);
    threads_[me].is_there = true;
    ++there_;
    if (there_ == threads_.size()) Choose();
    changed_.wait(lock, [&] { return running_ == me; });
  }
  /// A step is over.
  void Yield(size_t me) {
    std::unique_lock lock(mutex_);
    Choose();
    changed_.wait(lock, [&] { return running_ == me; });
  }
  void End(size_t me) {
    const std::unique_lock lock(mutex_);
    threads_[me].is_there = false;
    Choose();
  }

  /// Steps taken so far; and chances, for whoever runs.
  int64_t now() const { return now_; }
  unsigned Below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

 private:
  struct Thread {
    bool is_there = false;
    int64_t asleep_until = 0;
  };
  static constexpr size_t kNobody = SIZE_MAX;

  void Choose() {
    ++now_;
    std::vector<size_t> ready, asleep;
    for (size_t i = 0; i < threads_.size(); ++i) {
      if (!threads_[i].is_there) continue;
      (threads_[i].asleep_until > now_ ? asleep : ready).push_back(i);
    }
    const auto& from = ready.empty() ? asleep : ready;
    running_ = from.empty() ? kNobody : from[Below(static_cast<unsigned>(from.size()))];
    if (running_ != kNobody && Below(200) == 0) {
      threads_[running_].asleep_until = now_ + 50 + Below(400);
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::mt19937 random_;
  std::vector<Thread> threads_;
  size_t there_ = 0;
  size_t running_ = kNobody;
  int64_t now_ = 0;
};

}  // namespace coreshed
