#pragma once

#include <cstdint>
#include <string>

#include "commit/event.h"

namespace coreshed::commit {

/// How far a record's chain of events was followed and checked.
class Chain {
 public:
  /// From before the record's first event.
  explicit Chain(const std::string& record_id) : hash_(ChainStart(record_id)) {}
  /// From behind an event that somebody else vouches for: the last one of a page.
  Chain(int64_t seq, std::string hash, std::string time)
      : seq_(seq), hash_(std::move(hash)), time_(std::move(time)) {}

  /// Check the next event: sequence, previous and own hash, time, digests of its texts. Goes on to
  /// it in any case, so that one fault is told once. Empty: whole.
  std::string Follow(const StoredEvent& event);

  /// Whether the last event is the one that a record's head names.
  bool EndsAt(int64_t seq, const std::string& hash, const std::string& time) const;
  int64_t seq() const { return seq_; }

 private:
  std::string CheckNext(const StoredEvent& event) const;

  int64_t seq_ = 0;
  std::string hash_;
  std::string time_;
};

}  // namespace coreshed::commit
