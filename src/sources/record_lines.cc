#include "sources/record_lines.h"

#include <algorithm>

namespace coreshed::sources {

int64_t RecordLines::LineOf(int64_t record) const {
  const auto after =
      std::upper_bound(shifts_.begin(), shifts_.end(), record,
                       [](int64_t value, const Shift& shift) { return value < shift.record; });
  return after == shifts_.begin() ? 0 : record + (after - 1)->lines;
}

}  // namespace coreshed::sources
