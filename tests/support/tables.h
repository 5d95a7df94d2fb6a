#pragma once

#include <arrow/api.h>
#include <coreshed/store.h>

#include <memory>
#include <string>
#include <vector>

namespace coreshed {

/// A small table of depths and soils whose content `number` tells: rows 1 + number % 5.
inline std::shared_ptr<arrow::Table> SoilTable(int64_t number) {
  arrow::DoubleBuilder depths;
  arrow::StringBuilder soils;
  arrow::Int64Builder marks;
  for (int64_t row = 0; row <= number % 5; ++row) {
    (void)depths.Append(0.25 * static_cast<double>(row));
    (void)soils.Append(row % 2 == 0 ? "CLAY" : "SAND");
    (void)marks.Append(number);
  }
  return arrow::Table::Make(
      arrow::schema({arrow::field("depth_m", arrow::float64()), arrow::field("soil", arrow::utf8()),
                     arrow::field("mark", arrow::int64())}),
      {depths.Finish().ValueOrDie(), soils.Finish().ValueOrDie(), marks.Finish().ValueOrDie()});
}

/// The number that SoilTable was given.
inline int64_t MarkOf(const arrow::Table& table) {
  return static_cast<const arrow::Int64Array&>(*table.GetColumnByName("mark")->chunk(0)).Value(0);
}

/// Options with an actor, for calls in tests.
template <typename Options>
Options By(const std::string& actor, const std::string& comment = "") {
  Options options;
  options.actor = actor;
  options.comment = comment;
  return options;
}

}  // namespace coreshed
