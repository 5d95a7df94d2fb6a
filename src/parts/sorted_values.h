#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace parquet {
class Statistics;
}

namespace coreshed::parts {

/// Values that are looked for, to be held against a column's statistics. Whole numbers, dates and
/// texts; values of other types are never ruled out.
class SortedValues {
 public:
  static SortedValues Of(const arrow::Array& values);
  /// Whether a column with these statistics may hold one of the values (null: there are none).
  bool MayBeIn(const std::shared_ptr<parquet::Statistics>& statistics) const;

 private:
  bool is_known_ = false;  ///< else nothing is ruled out
  std::vector<int64_t> numbers_;
  std::vector<std::string> texts_;
};

}  // namespace coreshed::parts
