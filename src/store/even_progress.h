#pragma once

#include <coreshed/options.h>

#include <mutex>
#include <string>

namespace coreshed::store {

/// Tells of the progress of one call that has several phases: fractions never fall, there is one at
/// the start and a last one of 1, also where the call fails. What the callback throws ends no call.
/// Thread-safe.
class EvenProgress {
 public:
  explicit EvenProgress(Progress callback) : callback_(std::move(callback)) {}

  /// `fraction` below 0: unknown.
  void Tell(const std::string& phase, double fraction, const std::string& message);
  /// `reason`: why the call failed; empty: it did not.
  void End(const std::string& reason);

 private:
  void Call(const std::string& phase, const std::string& message);

  const Progress callback_;
  std::mutex mutex_;
  double fraction_ = 0;
};

}  // namespace coreshed::store
