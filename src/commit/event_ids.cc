#include "commit/event_ids.h"

#include <algorithm>
#include <charconv>

namespace coreshed::commit {

void EventIds::Add(const std::string& event_id, int64_t seq) {
  constexpr size_t kHalf = 16;
  Named named{{}, seq};
  for (size_t i = 0; i < named.id.size(); ++i) {
    const char* begin = event_id.data() + i * kHalf;
    std::from_chars(begin, begin + kHalf, named.id[i], 16);
  }
  named_.push_back(named);
}

std::optional<std::pair<int64_t, int64_t>> EventIds::FindTwice() {
  std::sort(named_.begin(), named_.end());
  const auto twice = std::adjacent_find(named_.begin(), named_.end(),
                                        [](const auto& a, const auto& b) { return a.id == b.id; });
  if (twice == named_.end()) return std::nullopt;
  return std::pair(twice->seq, std::next(twice)->seq);
}

}  // namespace coreshed::commit
