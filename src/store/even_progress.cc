#include "store/even_progress.h"

#include <algorithm>

namespace coreshed::store {

void EvenProgress::Tell(const std::string& phase, double fraction, const std::string& message) {
  constexpr double kNotTheEnd = 0.99;
  const std::lock_guard lock(mutex_);
  fraction_ = std::max(fraction_, std::min(fraction, kNotTheEnd));
  Call(phase, message);
}

void EvenProgress::End(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  fraction_ = 1;
  Call(reason.empty() ? "done" : "failed", reason);
}

void EvenProgress::Call(const std::string& phase, const std::string& message) {
  if (!callback_) return;
  try {
    callback_(phase, fraction_, message);
  } catch (...) {
    // Whoever watches is no part of the work.
  }
}

}  // namespace coreshed::store
