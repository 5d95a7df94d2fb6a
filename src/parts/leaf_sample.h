#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <vector>

namespace coreshed::parts {

/// Some values of one leaf of a column, to choose its encoding by.
struct LeafSample {
  int64_t values = 0;            ///< that are not null
  std::vector<uint8_t> plain;    ///< as Parquet's PLAIN encoding has them
  std::vector<int64_t> numbers;  ///< of integers and whatever is stored as such
  bool is_integer = false;
  bool is_text = false;  ///< strings and bytes of any length
  double distinct = 1;   ///< how many of the values differ, of 1
};

/// A sample of each leaf of a column with its stored type, in Parquet's order.
std::vector<LeafSample> SampleLeaves(const arrow::Array& column);

}  // namespace coreshed::parts
