#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coreshed::commit {

/// The event ids of a record's whole history, in 24 bytes each.
class EventIds {
 public:
  /// `event_id`: 32 hex digits.
  void Add(const std::string& event_id, int64_t seq);
  /// The sequence numbers of two events with the same id, if there are such.
  std::optional<std::pair<int64_t, int64_t>> FindTwice();

 private:
  struct Named {
    std::array<uint64_t, 2> id;
    int64_t seq;
    auto operator<=>(const Named&) const = default;
  };
  std::vector<Named> named_;
};

}  // namespace coreshed::commit
