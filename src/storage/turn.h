#pragma once

#include <coreshed/error.h>

#include <functional>
#include <memory>
#include <string>

#include "storage/system_calls.h"

namespace coreshed::storage {

/// A place in the queue of those who want to replace a record's metadata, so that their reading,
/// composing and syncing is seldom in vain (spec/commit.md, "Turns"). A courtesy: whoever does
/// without it, or waits too long for it, swaps as safely.
class Turn {
 public:
  /// `record`: the record's folder, open as long as this lives; `path`: its name for messages.
  Turn(std::shared_ptr<SystemCalls> calls, int record, std::string path);
  ~Turn() { Give(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  /// Wait until nobody else has the turn, but not for long; `meanwhile` is called once before a
  /// wait. No wait where it is taken already, or the record has no folder to queue at.
  Result<void> Take(const std::function<Result<void>()>& meanwhile);
  void Give();
  bool is_taken() const { return is_taken_; }

 private:
  Result<void> OpenFolder();

  const std::shared_ptr<SystemCalls> calls_;
  const int record_;
  const std::string path_;
  Fd folder_;
  bool is_taken_ = false;
};

}  // namespace coreshed::storage
